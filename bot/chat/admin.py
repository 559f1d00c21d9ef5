"""What admins do besides: authorise channels, choose the staff, look after what could not be handled."""

from __future__ import annotations

from collections.abc import Sequence

from bot import channels, people
from bot.access import Action
from bot.accounts import joining
from bot.accounts.joining import Link
from bot.chat import folder, questions
from bot.chat.channel_view import AREA, name, pages, person, render_question
from bot.chat.desk import Command, Desk, Outcome, Press, number, numbers
from bot.chat.wording import clipped, instant, plain
from bot.errors import Refused
from bot.model import (
    ChannelId,
    ChatId,
    ChatKind,
    Edit,
    Effect,
    Leave,
    Person,
    Send,
    Talk,
    UserId,
)
from bot.store import Tx, accounts, audit, lookbacks, outbox, queue, tables, work
from bot.store.channels import Channel

_MAX_TROUBLE = 200
_POISON_LISTED = 20


async def authorise(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are `<channel number, link or @name> <document reference> <YYYY-MM-DD>`."""
    first, _, line = words.partition(" ")
    link = Link.read(first)
    if link is not None:
        return await _authorise_by_link(desk, tx, talk, link, line)
    return await authorise_by_line(desk, tx, talk, _channel_id(first), line)


async def _authorise_by_link(desk: Desk, tx: Tx, talk: Talk, link: Link, untrusted_line: str) -> list[Effect]:
    if not any(account.is_at_work for account in await accounts.listed(tx)):
        raise Refused("no-account-at-work")
    request = channels.read_request(untrusted_line, today=desk.today())
    await joining.ask(tx, link, request, by=talk.person, now=desk.now())
    is_folder = link.folder is not None and link.chat_id is None
    message = (
        desk.text("staff-join-folder", link=str(link))
        if is_folder
        else folder.asked(desk, str(link), request.document, str(request.last_day), talk)
    )
    return await desk.announce(tx, message, said_in=talk.chat_id)


async def authorise_as_asked(
    desk: Desk, tx: Tx, talk: Talk, asked: Sequence[ChannelId], untrusted_line: str
) -> list[Effect]:
    """The line as for `authorise_by_line`. Raises `Refused` `which-question` where it may be about several channels."""
    if len(asked) > 1:
        listed = ", ".join(f"#{channel_id}" for channel_id in asked)
        example = str(channels.example_day(desk.today()))
        raise Refused("which-question", numbers=listed, number=str(asked[-1]), example=example)
    return await authorise_by_line(desk, tx, talk, asked[0], untrusted_line)


async def authorise_by_line(
    desk: Desk, tx: Tx, talk: Talk, channel_id: ChannelId, untrusted_line: str
) -> list[Effect]:
    """The line is `<document reference> <YYYY-MM-DD>`. Raises `Refused` as `channels.read_request` does."""
    request = channels.read_request(untrusted_line, today=desk.today())
    now = desk.now()
    channel = await channels.authorise(tx, channel_id, request, zone=desk.zone, by=talk.person, now=now)
    await questions.answered(tx, talk, channel.id, now)
    message = desk.text(
        "staff-authorised",
        channel=name(channel, desk.language),
        number=str(channel.id),
        document=request.document,
        until=str(request.last_day),
        by=person(talk.person, desk.language),
    )
    if not channel.can_read:
        message += "\n\n" + desk.text("staff-channel-not-readable")
    return await desk.announce(tx, message, said_in=talk.chat_id)


async def revoke(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are a channel's number, or a link or @name that was authorised."""
    link = Link.read(words.strip())
    if link is None:
        channel_id = _channel_id(words)
    else:
        joined = await joining.revoke(tx, link, by=talk.person, now=desk.now())
        if joined is None:
            message = desk.text("staff-join-revoked", link=str(link), by=person(talk.person, desk.language))
            return await desk.announce(tx, message, said_in=talk.chat_id)
        channel_id = joined
    channel = await channels.revoke(tx, channel_id, by=talk.person, now=desk.now())
    return [
        *await desk.announce(tx, _left(desk, talk, "staff-revoked", channel), said_in=talk.chat_id),
        Leave(channel.chat_id),
    ]


async def leave(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    channel = await channels.leave(tx, _channel_id(words), by=talk.person, now=desk.now())
    await questions.answered(tx, talk, channel.id, desk.now())
    return [
        *await desk.announce(tx, _left(desk, talk, "staff-left", channel), said_in=talk.chat_id),
        Leave(channel.chat_id),
    ]


async def add_channel(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """Offer Telegram's own chat picker, which works in private chat only."""
    if talk.chat_kind is not ChatKind.PRIVATE:
        raise Refused("private-only")
    button = plain(desk.language, "staff-button-choose-channel")
    return [Send(talk.chat_id, desk.text("staff-choose-channel"), choose_channel=button)]


async def channel_chosen(desk: Desk, tx: Tx, talk: Talk, chat_id: ChatId) -> list[Effect]:
    """Telegram adds the bot before or after it tells what was chosen."""
    channel = await channels.by_chat(tx, chat_id)
    if channel is None:
        return desk.reply(talk, "staff-channel-chosen")
    text, keyboard = render_question(await channels.in_question(tx, channel.id), desk.language)
    return [Send(talk.chat_id, text, keyboard)]


async def add_staff(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """The words are `<user id> <name>`, or none in reply to the person's message."""
    first, _, their_name = words.partition(" ")
    user_id = number(first)
    if user_id is not None:
        new = Person(UserId(user_id), their_name.strip())
    elif talk.reply_to is not None and not words:
        new = Person(talk.reply_to.user_id, clipped(talk.reply_to.name, people.MAX_NAME))
    else:
        raise Refused("who-is-staff")
    await people.add_staff(tx, new, desk.admins, by=talk.person, now=desk.now())
    return desk.reply(talk, "staff-added", name=new.name, user=str(new.user_id))


async def remove_staff(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    user_id = number(words)
    if user_id is None:
        raise Refused("who-is-not-staff")
    await people.remove_staff(tx, UserId(user_id), desk.admins, by=talk.person, now=desk.now())
    return desk.reply(talk, "staff-removed", user=str(user_id))


async def show_poison(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    buried = await queue.buried(tx, tables.inbox, _POISON_LISTED)
    if not buried:
        return desk.reply(talk, "staff-poison-none")
    blocks = [
        desk.text(
            "staff-poison-line",
            number=str(row.id),
            kind=row.kind,
            at=instant(row.created_at, desk.zone),
            trouble=clipped(row.trouble, _MAX_TROUBLE),
        )
        for row in buried
    ]
    counts = await queue.counts(tx, tables.inbox)
    head = desk.text("staff-poison", count=counts[queue.BURIED], listed=len(buried))
    return [Send(talk.chat_id, page) for page in pages([head, *blocks])]


async def retry_poison(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    row_id = number(words)
    now = desk.now()
    if row_id is None or not await queue.requeue(tx, tables.inbox, row_id, now=now):
        raise Refused("unknown-poison")
    await audit.append(
        tx, action="poison_retried", subject=f"inbox:{row_id}", actor=talk.person, details={}, now=now
    )
    return desk.reply(talk, "staff-poison-retried", number=str(row_id))


async def retry_files(desk: Desk, tx: Tx, talk: Talk, words: str) -> list[Effect]:
    """Try to download again and to send whatever was given up, and let look-back go on."""
    now = desk.now()
    count = await work.retry_buried(tx, now=now)
    alerts = await outbox.retry_buried(tx, now=now)
    await lookbacks.retry_buried(tx, now=now)
    await audit.append(
        tx,
        action="files_retried",
        subject="work",
        actor=talk.person,
        details={"count": count, "alerts": alerts},
        now=now,
    )
    return desk.reply(talk, "staff-files-retried", count=count, alerts=alerts)


async def _press_authorise(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    [channel_id] = numbers(args, 1)
    channel = await channels.in_question(tx, ChannelId(channel_id))
    await questions.ask(tx, talk, channel.id, desk.now())
    question = desk.text(
        "staff-document-question",
        by=person(talk.person, desk.language),
        channel=name(channel, desk.language),
        number=str(channel.id),
        example=str(channels.example_day(desk.today())),
    )
    return Outcome(effects=[Send(talk.chat_id, question)])


async def _press_leave(desk: Desk, tx: Tx, talk: Talk, args: tuple[str, ...]) -> Outcome:
    [channel_id] = numbers(args, 1)
    channel = await channels.in_question(tx, ChannelId(channel_id))
    channel = await channels.leave(tx, channel.id, by=talk.person, now=desk.now())
    await questions.answered(tx, talk, channel.id, desk.now())
    message = _left(desk, talk, "staff-left", channel)
    return Outcome(effects=[Edit(talk.chat_id, talk.message_id, message), Leave(channel.chat_id)])


def _left(desk: Desk, talk: Talk, key: str, channel: Channel) -> str:
    return desk.text(key, channel=name(channel, desk.language), by=person(talk.person, desk.language))


def _channel_id(untrusted_text: str) -> ChannelId:
    channel_id = number(untrusted_text)
    if channel_id is None:
        raise Refused("which-channel")
    return ChannelId(channel_id)


COMMANDS = {
    "authorise": Command(Action.AUTHORISE, authorise),
    "revoke": Command(Action.AUTHORISE, revoke),
    "leave": Command(Action.AUTHORISE, leave),
    "addchannel": Command(Action.ADD_CHANNEL, add_channel),
    "staff add": Command(Action.CHANGE_STAFF, add_staff),
    "staff remove": Command(Action.CHANGE_STAFF, remove_staff),
    "poison": Command(Action.READ_POISON, show_poison),
    "poison retry": Command(Action.READ_POISON, retry_poison),
    "retry": Command(Action.READ_POISON, retry_files),
}

BUTTONS = {
    (AREA, "authorise"): Press(Action.AUTHORISE, _press_authorise),
    (AREA, "leave"): Press(Action.AUTHORISE, _press_leave),
}
