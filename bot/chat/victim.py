"""The victim's private chat. Where a conversation is, is one stored value; without it nothing is lost.

A pressed button changes its own message into the next screen, so that little is left lying in the chat, and whatever
carried a hash, a number or a PIN is deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from bot.chat import callback, victim_hashes_taken, victim_lost, victim_page, victim_state
from bot.chat.victim_photo import (
    AFTER_AGE,
    AFTER_CONSENT,
    PHOTO_STEPS,
    PhotoScreens,
    may_begin,
    said_with,
    wanted_file,
)
from bot.chat.victim_photo_taken import take
from bot.chat.victim_reading import Said, read, read_number
from bot.chat.victim_screens import BELOW, Name, Press
from bot.chat.victim_state import PageSet, State
from bot.chat.victim_turn import PLACES, Reply, Turn, effects_of
from bot.config import VictimConfig
from bot.errors import Refused
from bot.model import (
    AlertId,
    ChatId,
    Delete,
    Effect,
    Keyboard,
    Language,
    ReadPhotoFile,
    Send,
    ShowAlert,
    Talk,
)
from bot.store import Tx
from bot.store.cases import Case
from bot.victims.cases import Cases, case_to_tell, found, linked, mark
from bot.victims.photo_files import PhotoFile
from bot.victims.photos import Photos
from matcher import HashTextError

COMMANDS = {
    "start": Name.START,
    "status": Name.STATUS,
    "withdraw": Name.WITHDRAW,
    "delete": Name.ERASE,
    "stop": Name.ERASE,
    "privacy": Name.PRIVACY,
    "language": Name.LANGUAGE,
    "cancel": Name.CLOSED,
    "help": Name.HELP,
}

_EXPECT_TEXT = frozenset({Name.HASHES, Name.LOST, Name.PHOTO, Name.NUMBER, Name.PIN})
_ONE_ALBUM = timedelta(minutes=1)
"""The pictures of an album come one by one and are answered once."""


class VictimChat:
    def __init__(
        self,
        config: VictimConfig,
        cases: Cases,
        photos: Photos | None = None,
        *,
        zone: tzinfo,
        now: Callable[[], datetime],
        page_url: str | None = None,
    ) -> None:
        """Without `photos` no ordinary photo can be registered; without `page_url`, where Telegram opens the page on
        which people make hashes, the page is only a file.
        """
        self._page_url = page_url
        self._config = config
        self._photos = photos
        self._cases = cases
        self._zone = zone
        self._now = now

    async def handle(self, tx: Tx, talk: Talk) -> list[Effect]:
        turn = await self._turn(tx, talk)
        reply = await (self._said(turn) if talk.callback_id is None else self._pressed(turn))
        screens = self._screens((reply.state or turn.state).language)
        first, reply = victim_page.with_button(turn, reply, self._page_url, screens)
        await victim_state.keep(tx, talk.chat_id, reply.state, self._now())
        return [*first, *effects_of(talk, reply)]

    async def tell_found(self, tx: Tx, alert_id: AlertId) -> list[Effect]:
        """The news that staff confirmed a finding, if the victim asked for news."""
        case = await case_to_tell(tx, alert_id)
        if case is None or case.contact is None:
            return []
        return [Send(case.contact, *self.found_notice(case, case.language))]

    def found_notice(self, case: Case, language: Language) -> tuple[str, Keyboard]:
        screen = self._screens(language).found(case)
        return screen.text, screen.keyboard

    def photos_expired(self, chat_id: ChatId, language: Language) -> Send:
        screen = self._screens(language).photos_expired()
        return Send(chat_id, screen.text, screen.keyboard)

    async def photo_read(self, tx: Tx, asked: ReadPhotoFile, file: PhotoFile) -> list[Effect]:
        """Go on with what is in the file that the person sent; the message that carried it is deleted."""
        talk = said_with(asked)
        turn = await self._turn(tx, talk)
        turn, notice, first = await take(self._photos, turn, file)
        reply = await self._present(turn, notice=notice, deletes=True)
        await victim_state.keep(tx, talk.chat_id, reply.state, self._now())
        return list(effects_of(talk, replace(reply, screens=first + reply.screens)))

    def _screens(self, language: Language) -> PhotoScreens:
        photos = None if self._photos is None else self._photos.config
        has_page_button = self._page_url is not None
        return PhotoScreens(self._config, photos, self._zone, language, has_page_button=has_page_button)

    async def _turn(self, tx: Tx, talk: Talk) -> Turn:
        stored = state = await victim_state.load(tx, talk.chat_id)
        case = await self._cases.reachable(tx, talk.chat_id, state.case_id if state else None)
        if state is None:
            language = case.language if case else Language.of(talk.language_code)
            state = State(language, Name.HOME if case else Name.START)
        elif (
            (case is None and (state.case_id is not None or state.had_case))
            or (case and state.case_id not in {None, case.id})
            or (self._photos is None and state.step in PHOTO_STEPS)
        ):
            # The case was withdrawn from elsewhere: nothing was agreed to for another. Or photos are not taken any more.
            state = state.begun_anew(Name.HOME if case else Name.START)
        state = replace(state, had_case=case is not None)
        return Turn(tx, talk, state, case, self._screens(state.language), is_first=stored is None)

    # What a person says

    async def _said(self, turn: Turn) -> Reply:
        talk, step = turn.talk, turn.state.step
        if talk.has_media:
            return await self._media(turn)
        if talk.page_data is not None:
            return await self._from_page(turn, talk.page_data)
        try:
            said = read(talk.text)
        except HashTextError:
            return await self._present(turn, notice=turn.screens.too_many_hashes(), deletes=True)
        if talk.is_edit and step not in _EXPECT_TEXT and not said.is_secret:
            return Reply(turn.state)
        if said.hashes:
            return await self._hashes(turn, said)
        if said.is_photo and self._photos is not None:
            return await self._present(turn, notice=turn.screens.notice("victim-photo-as-file"), deletes=True)
        if said.command is not None:
            reply = await self._go(turn, COMMANDS.get(said.command, Name.HELP))
            return replace(reply, deletes=said.is_secret)
        number = said.number or (read_number(talk.text) if step is Name.NUMBER else None)
        if number is not None and said.pin is not None:
            return await self._unlock(turn, number, said.pin)
        if number is not None:
            turn = replace(turn, state=replace(turn.state, number=number, shown_cases=None, step=Name.PIN))
            return await self._present(turn, deletes=True)
        if step is Name.PIN and said.pin is not None and victim_lost.may_try(turn.state):
            return await self._unlock(turn, turn.state.number, said.pin)
        notice = {Name.NUMBER: "victim-bad-number", Name.PIN: "victim-bad-pin"}.get(
            step, "victim-not-understood"
        )
        deletes = said.is_secret or step in {Name.NUMBER, Name.PIN}
        return await self._present(turn, notice=turn.screens.notice(notice), deletes=deletes)

    async def _media(self, turn: Turn) -> Reply:
        file = wanted_file(turn.talk, turn.state.step)
        if file is not None:
            return Reply(turn.state, effects=(file,))
        now, answered_at = self._now(), turn.state.media_answered_at
        if answered_at is not None and now - answered_at < _ONE_ALBUM:
            return Reply(turn.state, deletes=True)
        turn = replace(turn, state=replace(turn.state, media_answered_at=now))
        return await self._present(turn, notice=turn.screens.not_opened(turn.state.step), deletes=True)

    async def _from_page(self, turn: Turn, untrusted_data: str) -> Reply:
        handed_over = victim_page.read_hashes(turn.state, untrusted_data)
        if handed_over is None:
            notice = turn.screens.notice("victim-page-not-read")
            return await self._present(turn, notice=notice, deletes=True)
        return await self._hashes(turn, *handed_over)

    async def _hashes(self, turn: Turn, said: Said, page_set: PageSet | None = None) -> Reply:
        """`page_set` is what came of the set of parts that these hashes are of."""
        if victim_lost.expects_hashes(turn.state):
            turn, notice = await victim_lost.shown(self._cases, turn, said)
            return await self._present(turn, notice=notice, deletes=True)
        state, case = turn.state, turn.case
        if not state.is_of_age or (case is None and state.step is not Name.HASHES):
            turn = turn if case is None else turn.at(Name.AGE)
            notice = turn.screens.notice("victim-questions-first")
            return await self._present(turn, notice=notice, deletes=True)
        turn, notice, first = await victim_hashes_taken.take(self._cases, turn, said, page_set)
        reply = await self._present(turn, notice=notice, deletes=True)
        return replace(reply, screens=first + reply.screens)

    async def _unlock(self, turn: Turn, number: str | None, pin: str) -> Reply:
        """Without a number, by the hashes that were shown in its place."""
        state, tx, chat_id = turn.state, turn.tx, turn.talk.chat_id
        try:
            if number is None:
                case = await self._cases.unlock_shown(tx, state.shown_cases or (), pin=pin, chat_id=chat_id)
            else:
                case = await self._cases.unlock(tx, number=number, pin=pin, chat_id=chat_id)
        except Refused as refused:
            turn = replace(turn, state=replace(state, number=number, step=Name.PIN))
            return await self._present(turn, notice=turn.screens.refused(refused), deletes=True)
        state = state.begun_anew(Name.HOME, case.id)
        reply = await self._go(replace(turn, state=state, case=case), turn.state.aim)
        return replace(reply, deletes=True)

    # What a person presses

    async def _pressed(self, turn: Turn) -> Reply:
        pressed = callback.decode(turn.talk.callback_data or "")
        if pressed is None or pressed.area != "v":
            return await self._old_button(turn)
        state, case = turn.state, turn.case
        match pressed.action, pressed.args:
            case Press.GO, ():
                return await self._present(turn)
            case Press.GO, (Name.FINDINGS, of):
                return await self._go(await self._of_news(turn, of), Name.FINDINGS)
            case Press.GO, (name, *below) if name in PLACES:
                return replace(await self._go(turn, Name(name)), below=BELOW in below)
            case Press.LANGUAGE, (language, *names) if language in set(Language):
                state = replace(state, language=Language(language))
                turn = replace(turn, state=state, screens=self._screens(state.language))
                return await self._look(turn, names[0] if names else "")
            case Press.AGE, ("no" | "unsure",):
                return await self._look(turn, Name.UNDERAGE)
            case Press.AGE, ("yes",) if state.step in {Name.AGE, Name.PHOTO_AGE}:
                turn = replace(turn, state=replace(state, is_of_age=True))
                following = Name.CONSENT if case is None else Name.HASHES
                return await self._present(turn.at(AFTER_AGE.get(state.step, following)))
            case Press.CONSENT, ("yes",) if state.step in AFTER_CONSENT:
                return await self._present(turn.at(AFTER_CONSENT[state.step]))
            case Press.CONSENT, ("no",) if state.step is Name.CONSENT:
                return await self._go(turn, Name.CLOSED)
            case Press.FILE, ():
                return victim_page.sent_as_file(turn, self._now())
            case Press.CONSENT, ("no",) if state.step is Name.PHOTO_CONSENT:
                return await self._present(turn.at(Name.HASHES) if case is None else turn.anew())
            case Press.NOTED, ():
                return Reply(state, deletes=True)
            case Press.CONTACT, ("yes" | "no" as answer, of) if case is not None and of == mark(case):
                return await self._contact(turn, case, is_wanted=answer == "yes")
            case Press.WITHDRAW, (of,) if case is not None and of == mark(case):
                return await self._withdraw(turn, case)
            case ((Press.CONTACT | Press.WITHDRAW), _) if case is None:
                return await self._nothing_here(turn)
            case Press.ERASE, ():
                chat_id, withdrawn = turn.talk.chat_id, state.withdrawn_cases
                erased = await self._cases.erase(turn.tx, chat_id, state.case_id, withdrawn)
                return Reply(
                    None,
                    (turn.screens.erased(erased.cases, erased.hashes, erased.photos),),
                    effects=tuple(Delete(chat_id, message_id) for chat_id, message_id in erased.alerts),
                )
            case _:
                return await self._old_button(turn)

    async def _old_button(self, turn: Turn) -> Reply:
        return await self._present(turn, notice=turn.screens.notice("victim-old-button"))

    async def _of_news(self, turn: Turn, of: str) -> Turn:
        """At the case that the news was of, if the chat is linked to it still; another may have been opened since."""
        case = await linked(turn.tx, turn.talk.chat_id)
        if case is None or of != mark(case) or (turn.case is not None and turn.case.id == case.id):
            return turn
        return replace(turn, case=case, state=turn.state.begun_anew(Name.HOME, case.id))

    async def _contact(self, turn: Turn, case: Case, *, is_wanted: bool) -> Reply:
        chat_id = turn.talk.chat_id
        try:
            if is_wanted:
                await self._cases.link(turn.tx, case, chat_id)
            else:
                await self._cases.unlink(turn.tx, case)
        except Refused as refused:
            return await self._present(turn.at(Name.HOME), notice=turn.screens.refused(refused))
        # Without its chat the case would be out of reach from here.
        state = replace(turn.state, step=Name.HOME, case_id=case.id)
        turn = replace(turn, state=state, case=replace(case, contact=chat_id if is_wanted else None))
        notice = turn.screens.notice("victim-linked") if is_wanted else turn.screens.unlinked()
        return await self._present(turn, notice=notice)

    async def _withdraw(self, turn: Turn, case: Case) -> Reply:
        alerts = await self._cases.withdraw(turn.tx, case)
        state = turn.state.begun_anew(Name.START)
        return Reply(
            replace(state, withdrawn_cases=(*state.withdrawn_cases, case.id)),
            (turn.screens.withdrawn(case.fingerprint_count, case.photo_count),),
            effects=tuple(ShowAlert(alert_id) for alert_id in alerts),
        )

    async def _nothing_here(self, turn: Turn) -> Reply:
        # The first press of two shows what can still be deleted, and the second would show something else in its place.
        key = "victim-withdrawn-before" if turn.state.withdrawn_cases else "victim-nothing-here"
        return await self._present(turn, notice=turn.screens.notice(key))

    # Screens

    async def _go(self, turn: Turn, name: Name) -> Reply:
        """Where a person asks to go; what needs a case asks for its number first."""
        match name:
            case Name.START | Name.HOME:
                return await self._present(turn.anew())
            case Name.AGE:
                return await self._present(turn.at(Name.AGE) if turn.case is None else turn.anew())
            case Name.NUMBER:
                return await self._ask_number(turn, Name.HOME)
            case Name.LOST if turn.case is None:
                state = replace(turn.state, step=Name.LOST, number=None, shown_cases=None)
                return await self._present(replace(turn, state=state))
            case Name.ADD | Name.STATUS | Name.FINDINGS | Name.WITHDRAW if turn.case is None:
                return await self._ask_number(turn, name)
            case Name.PHOTO if self._photos is not None and may_begin(turn.state.step, turn.case):
                state = replace(turn.state, step=Name.PHOTO_AGE, is_of_age=False)
                return await self._present(replace(turn, state=state))
            case Name.ADD:
                state = replace(turn.state, step=Name.AGE, is_of_age=False)
                return await self._present(replace(turn, state=state))
            case _:
                return await self._look(turn, name)

    async def _ask_number(self, turn: Turn, aim: Name) -> Reply:
        state = replace(turn.state, step=Name.NUMBER, aim=aim, number=None, shown_cases=None)
        return await self._present(replace(turn, state=state))

    async def _present(self, turn: Turn, *, notice: str | None = None, deletes: bool = False) -> Reply:
        """The screen of the step at which the conversation is."""
        step, case, screens = turn.state.step, turn.case, turn.screens
        # A message is answered below the long words; a button's message was changed, and they are gone from the chat.
        explained = notice is not None and turn.talk.callback_id is None
        match step:
            case Name.AGE | Name.PHOTO_AGE:
                screen = screens.age(again=case is not None or step is Name.PHOTO_AGE)
            case Name.CONSENT:
                screen = screens.consent()
            case Name.PHOTO_CONSENT:
                screen = screens.photo_consent()
            case Name.PHOTO:
                screen = screens.photo(case, explained=explained)
            case Name.HASHES:
                screen = screens.hashes(explained=explained, done=case is not None)
            case Name.CONTACT if case is not None:
                screen = screens.contact(case)
            case Name.LOST:
                screen = screens.lost(explained=explained)
            case Name.NUMBER:
                screen = screens.number()
            case Name.PIN:
                screen = screens.pin(is_lost=turn.state.shown_cases is not None)
            case Name.HOME if case is not None:
                screen = screens.home(case, turn.talk.chat_id)
            case _:
                screen = screens.start(is_known=notice is not None and not turn.is_first)
        return Reply(turn.state, (screen.with_notice(notice),), deletes)

    async def _look(self, turn: Turn, name: str) -> Reply:
        """A screen of its own beside the steps; the present one where there is none of that name."""
        case, screens = turn.case, turn.screens
        match name:
            case Name.PRIVACY:
                screen = screens.privacy()
            case Name.HELP:
                screen = screens.help()
            case Name.LANGUAGE:
                screen = screens.language()
            case Name.ERASE:
                screen = screens.erase()
            case Name.CLOSED:
                return Reply(None, (screens.closed(),))
            case Name.UNDERAGE:
                # Of somebody who registered nothing, nothing is kept.
                state = None if case is None else replace(turn.state, step=Name.HOME, is_of_age=False)
                return Reply(state, (screens.underage(),))
            case Name.STATUS if case is not None:
                screen = screens.status(case)
            case Name.FINDINGS if case is not None:
                screen = screens.findings(*await found(turn.tx, case))
            case Name.WITHDRAW if case is not None:
                screen = screens.withdraw(case)
            case _:
                return await self._present(turn)
        return Reply(turn.state, (screen,))
