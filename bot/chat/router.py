"""Whose turn it is: a person's words go to the staff's commands or to the victim's conversation."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot import channels, people
from bot.access import Action, may
from bot.channels import Change
from bot.chat import admin, filing, findings, folder, hashes, history, questions, reports, staff
from bot.chat.callback import decode
from bot.chat.channel_view import name, person, render_question
from bot.chat.desk import Command, Desk, Outcome, TellVictim
from bot.chat.wording import clipped, plain
from bot.config import Config
from bot.errors import Refused
from bot.model import (
    ANONYMOUS,
    Answer,
    ChatId,
    ChatKind,
    ChatMoved,
    Effect,
    Leave,
    Membership,
    Role,
    Send,
    Talk,
    UserId,
)
from bot.staff import addressees, reminders
from bot.staff.reminders import WorkingHours
from bot.store import Tx

COMMANDS = (
    staff.COMMANDS
    | findings.COMMANDS
    | hashes.COMMANDS
    | reports.COMMANDS
    | admin.COMMANDS
    | history.COMMANDS
)
BUTTONS = staff.BUTTONS | findings.BUTTONS | reports.BUTTONS | admin.BUTTONS | filing.BUTTONS | folder.BUTTONS
AREAS = frozenset(area for area, _ in BUTTONS)

_COMMAND = re.compile(r"/\w+(?:@(?P<addressee>\w+))?(?:\s|$)", re.ASCII)
_MAX_ANSWER = 200
"""Characters that Telegram shows when a button was pressed."""


class VictimConversation(Protocol):
    """The chat with everybody who has no role here; it answers its own buttons."""

    async def handle(self, tx: Tx, talk: Talk) -> list[Effect]: ...


class Router:
    def __init__(
        self,
        config: Config,
        victim_chat: VictimConversation,
        *,
        now: Callable[[], datetime],
        username: str | None = None,
        tell_victim: TellVictim | None = None,
    ) -> None:
        """`username` is the bot's own: a command for another bot is not for us. Unknown, every command is ours."""
        self._victim_chat = victim_chat
        self._username = username
        self._user_id = UserId(int(config.telegram.token.get_secret_value().partition(":")[0]))
        self._warn_before = timedelta(days=config.staff.warn_days_before)
        self._leave_after = timedelta(hours=config.staff.leave_unauthorised_after_hours)
        self._overdue_hours = tuple(config.staff.overdue_hours)
        self._working_hours = WorkingHours(
            ZoneInfo(config.staff.time_zone),
            config.staff.work_starts_hour,
            config.staff.work_ends_hour,
            frozenset(config.staff.work_days),
        )
        self._desk = Desk(
            language=config.staff.language,
            zone=ZoneInfo(config.staff.time_zone),
            admins=frozenset(UserId(user_id) for user_id in config.telegram.admins),
            configured_staff_chat=ChatId(config.telegram.staff_chat),
            now=now,
            tell_victim=tell_victim,
            searches_photos=config.matching.photos.enabled,
            second_person=config.staff.second_person,
            addressees=addressees.load(config.reports.addressees_file or None),
            sender=config.reports,
            organisation=config.victims.organisation,
            overdue_after=timedelta(hours=min(config.staff.overdue_hours)),
            filings_per_day=config.accounts.reports_per_day,
        )

    async def handle(self, tx: Tx, update: Talk | Membership | ChatMoved) -> list[Effect]:
        match update:
            case ChatMoved():
                await channels.moved(tx, update, configured_staff_chat=self._desk.configured_staff_chat)
                return []
            case Membership():
                return await self._membership(tx, update)
            case Talk():
                return await self._talk(tx, update)

    async def sweep(self, tx: Tx, now: datetime) -> list[Effect]:
        """Warn of authorisations that end soon; end those that are over and leave; remind of findings that wait."""
        due = await channels.sweep(tx, now, warn_before=self._warn_before, leave_after=self._leave_after)
        desk = self._desk
        effects: list[Effect] = []
        for key, found in (("ending", due.ending), ("ended", due.ended), ("unanswered", due.unanswered)):
            for channel in found:
                authorisation = channel.authorisation
                until = "" if authorisation is None else str(channels.last_day(authorisation, desk.zone))
                message = desk.text(
                    f"staff-{key}", channel=name(channel, desk.language), number=str(channel.id), until=until
                )
                effects += await desk.announce(tx, message)
        effects += [Leave(channel.chat_id) for channel in (*due.ended, *due.unanswered)]
        return effects + await self._remind(tx, now)

    async def _remind(self, tx: Tx, now: datetime) -> list[Effect]:
        late = await reminders.due(tx, self._working_hours, self._overdue_hours, now)
        if not late:
            return []
        message, keyboard, about = await findings.overdue(self._desk, tx, now, new=len(late))
        return [Send(await self._desk.staff_chat(tx), message, keyboard, about=about)]

    async def _membership(self, tx: Tx, membership: Membership) -> list[Effect]:
        desk = self._desk
        if membership.chat_id == await desk.staff_chat(tx):
            return []
        news = await channels.changed(tx, membership, desk.now())
        if news is None:
            return []
        change, channel = news
        if change is Change.ADDED:
            message, keyboard = render_question(channel, desk.language)
            return await desk.announce(tx, message, keyboard=keyboard)
        message = desk.text(
            f"staff-channel-{change}",
            channel=name(channel, desk.language),
            by=person(membership.by, desk.language),
        )
        return await desk.announce(tx, message)

    async def _talk(self, tx: Tx, talk: Talk) -> list[Effect]:
        is_private = talk.chat_kind is ChatKind.PRIVATE
        if not is_private and talk.chat_id != await self._desk.staff_chat(tx):
            return [] if talk.callback_id is None else [Answer(talk.callback_id)]
        role = await people.role_of(tx, talk.person.user_id, self._desk.admins)
        if talk.callback_id is not None:
            pressed = decode(talk.callback_data or "")
            if is_private and (pressed is None or pressed.area not in AREAS):
                return await self._victim_chat.handle(tx, talk)
            return await self._press(tx, talk, talk.callback_id, role)
        if not is_private and talk.is_edit:
            return []
        try:
            effects = await self._said(tx, talk, role)
        except Refused as refused:
            return self._desk.reply(talk, f"staff-refused-{refused.code}", **refused.values)
        if effects is not None:
            return effects
        return await self._victim_chat.handle(tx, talk) if is_private else []

    async def _said(self, tx: Tx, talk: Talk, role: Role) -> list[Effect] | None:
        """None where the words are none for staff."""
        is_private = talk.chat_kind is ChatKind.PRIVATE
        given = self._command(talk.text)
        if given is not None:
            command, words = given
            if may(role, command.action):
                if talk.is_edit:
                    return []
                if talk.is_relayed:
                    return self._desk.reply(talk, "staff-relayed-command")
                return await command.run(self._desk, tx, talk, words)
            if is_private:
                return None
            is_anonymous = talk.person.user_id in ANONYMOUS
            return self._desk.reply(talk, "staff-anonymous" if is_anonymous else "staff-no-role")
        if talk.is_edit:
            return None
        if talk.text.startswith("/"):
            is_none_of_theirs = is_private or talk.is_relayed or not may(role, Action.READ_HELP)
            if is_none_of_theirs or not self._is_command_for_us(talk.text):
                return None
            return self._desk.reply(talk, "staff-unknown-command")
        if talk.shared_chat_id is not None and may(role, Action.ADD_CHANNEL):
            return await admin.channel_chosen(self._desk, tx, talk, talk.shared_chat_id)
        if may(role, Action.AUTHORISE) and (is_private or self._is_reply_to_us(talk)):
            asked = await questions.asked(tx, talk, self._desk.now())
            if asked and talk.text:
                return await admin.authorise_as_asked(self._desk, tx, talk, asked, talk.text)
        return None

    def _command(self, untrusted_text: str) -> tuple[Command, str] | None:
        """The command that staff may have given, and the words after it."""
        if not untrusted_text.startswith("/"):
            return None
        first, *words = untrusted_text[1:].split() or [""]
        own, _, addressee = first.partition("@")
        if not self._is_us(addressee):
            return None
        longer = " ".join([own, *words[:1]]).lower()
        if words and longer in COMMANDS:
            return COMMANDS[longer], " ".join(words[1:])
        command = COMMANDS.get(own.lower())
        return None if command is None else (command, " ".join(words))

    def _is_command_for_us(self, untrusted_text: str) -> bool:
        """Whether it is one that there is or not."""
        written = _COMMAND.match(untrusted_text)
        return written is not None and self._is_us(written["addressee"] or "")

    def _is_us(self, addressee: str) -> bool:
        """A command that names no bot is ours, and so is any while our own name is unknown."""
        return not addressee or not self._username or addressee.lower() == self._username.lower()

    def _is_reply_to_us(self, talk: Talk) -> bool:
        return talk.reply_to is not None and talk.reply_to.user_id == self._user_id

    async def _press(self, tx: Tx, talk: Talk, callback_id: str, role: Role) -> list[Effect]:
        outcome = await self._pressed(tx, talk, role)
        answer = Answer(callback_id, clipped(outcome.answer, _MAX_ANSWER), as_alert=outcome.is_refusal)
        return [answer, *outcome.effects]

    async def _pressed(self, tx: Tx, talk: Talk, role: Role) -> Outcome:
        desk = self._desk
        pressed = decode(talk.callback_data or "")
        press = None if pressed is None else BUTTONS.get((pressed.area, pressed.action))
        # One who may not even read the help must not learn which buttons there are.
        if not may(role, press.action if press is not None else Action.READ_HELP):
            key = "staff-refused" if talk.chat_kind is ChatKind.PRIVATE else "staff-no-role"
            return Outcome(plain(desk.language, key), is_refusal=True)
        try:
            if pressed is None or press is None:
                raise Refused("old-button")
            return await press.run(desk, tx, talk, pressed.args)
        except Refused as refused:
            words = plain(desk.language, f"staff-refused-{refused.code}", **refused.values)
            return Outcome(words, is_refusal=True)
