"""Channels as staff read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.channels import last_day
from bot.chat.callback import encode
from bot.chat.wording import MAX_TEXT, clipped, instant, plain
from bot.model import Button, ChannelState, Keyboard, Language, Person
from bot.store.channels import Authorisation, Channel, ChannelCounts
from bot.texts import text

AREA = "c"

_MAX_TITLE = 100
_MAX_NAME = 40
_GAP = "\n\n"


def name(channel: Channel, language: Language) -> str:
    """Title, @username and number, to be filled into a text."""
    title = clipped(channel.title, _MAX_TITLE) or plain(language, "staff-untitled")
    username = f" (@{channel.username})" if channel.username else ""
    return f"{title}{username}"


def person(who: Person | None, language: Language) -> str:
    return plain(language, "staff-somebody") if who is None else clipped(who.name, _MAX_NAME)


def render_question(channel: Channel, language: Language) -> tuple[str, Keyboard]:
    """Ask whether the channel may be watched."""
    lines = [
        text(language, "staff-channel-added", number=str(channel.id)),
        text(language, "staff-channel-name", channel=name(channel, language)),
        text(language, f"staff-channel-kind-{channel.kind}"),
        text(language, "staff-channel-added-by", by=person(channel.added_by, language)),
    ]
    if not channel.can_read:
        lines += ["", text(language, "staff-channel-not-readable")]
    lines += ["", text(language, "staff-channel-question")]
    return "\n".join(lines), (
        (
            Button(plain(language, "staff-button-authorise"), encode(AREA, "authorise", channel.id)),
            Button(plain(language, "staff-button-leave"), encode(AREA, "leave", channel.id)),
        ),
    )


def render_list(
    channels: Sequence[tuple[Channel, ChannelCounts]], language: Language, zone: ZoneInfo
) -> list[str]:
    """The texts of as few messages as hold all channels."""
    if not channels:
        return [text(language, "staff-channels-none")]
    blocks = ["\n".join(_block(channel, counts, language, zone)) for channel, counts in channels]
    return list(pages(blocks))


def pages(blocks: Iterable[str]) -> Iterator[str]:
    """Blocks, none of them longer than a message, packed into messages."""
    page = ""
    for block in blocks:
        if page and len(page) + len(_GAP) + len(block) > MAX_TEXT:
            yield page
            page = ""
        page = f"{page}{_GAP}{block}" if page else block
    yield page


def told(troubles: Mapping[str, int], language: Language) -> str:
    """Why media were not looked at, or only in part, and how many of them."""
    counted = [text(language, f"staff-trouble-{reason}") + f" {count}" for reason, count in troubles.items()]
    return " · ".join(counted)


def _block(channel: Channel, counts: ChannelCounts, language: Language, zone: ZoneInfo) -> Iterator[str]:
    yield text(
        language,
        "staff-channels-head",
        number=str(channel.id),
        channel=name(channel, language),
        state=plain(language, f"staff-state-{channel.state}"),
    )
    if channel.authorisation is not None:
        yield _authorisation(channel.authorisation, language, zone)
    if channel.state is ChannelState.AUTHORISED and not channel.can_read:
        yield text(language, "staff-channel-not-readable")
    yield _last_post(channel.last_post_at, language, zone)
    if counts.posts:
        yield text(language, "staff-channels-seen", posts=counts.posts, media=counts.media)
        yield text(
            language,
            "staff-channels-unseen",
            waiting=counts.waiting,
            failed=counts.failed,
            not_inspectable=counts.not_inspectable,
        )
        if counts.troubles:
            yield text(language, "staff-channels-troubles", troubles=told(counts.troubles, language))
        yield text(language, "staff-channels-findings", count=counts.findings)


def _authorisation(authorisation: Authorisation, language: Language, zone: ZoneInfo) -> str:
    return text(
        language,
        "staff-channels-authorisation",
        document=authorisation.document,
        by=person(authorisation.by, language),
        until=str(last_day(authorisation, zone)),
    )


def _last_post(at: datetime | None, language: Language, zone: ZoneInfo) -> str:
    if at is None:
        return text(language, "staff-channels-no-post")
    return text(language, "staff-channels-last-post", at=instant(at, zone))
