"""The screens of the victim's chat. Every one ends with a human to call and the buttons to change the language and
to delete everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo
from enum import StrEnum

from bot.chat import callback
from bot.chat.victim_notices import Notices
from bot.config import PhotosConfig, VictimConfig
from bot.model import Button, ChatId, Keyboard, Language
from bot.store.cases import Case
from bot.texts import Value
from bot.victims.cases import CONSENT_VERSION, mark

TAKE_IT_DOWN = "https://takeitdown.ncmec.org"
REPORT_REMOVE = (
    "https://www.childline.org.uk/info-advice/bullying-abuse-safety/online-mobile-safety/report-remove/"
)
BELOW = "below"
"""Asks for a screen below the message of the button and not in its place."""


class Name(StrEnum):
    """The screens by name, as buttons carry them."""

    START = "start"
    AGE = "age"
    UNDERAGE = "underage"
    CONSENT = "consent"
    HASHES = "hashes"
    CONTACT = "contact"
    HOME = "home"
    NUMBER = "number"
    PIN = "pin"
    STATUS = "status"
    FINDINGS = "findings"
    ADD = "add"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    CLOSED = "closed"
    PRIVACY = "privacy"
    HELP = "help"
    LANGUAGE = "language"
    LOST = "lost"
    PHOTO_AGE = "photo_age"
    PHOTO_CONSENT = "photo_consent"
    PHOTO = "photo"


class Press(StrEnum):
    """What a button asks for."""

    GO = "go"
    AGE = "age"
    CONSENT = "consent"
    CONTACT = "contact"
    NOTED = "noted"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    LANGUAGE = "language"
    FILE = "file"


@dataclass(frozen=True)
class Screen:
    text: str
    keyboard: Keyboard
    protected: bool = False

    def with_notice(self, notice: str | None) -> Screen:
        """The same with something to be said first."""
        return self if notice is None else replace(self, text=f"{notice}\n\n{self.text}")


def press(what: Press, *args: str) -> str:
    return callback.encode("v", what, *args)


class Screens(Notices):
    """The screens in one language."""

    def __init__(
        self,
        config: VictimConfig,
        photos: PhotosConfig | None,
        zone: tzinfo,
        language: Language,
        *,
        has_page_button: bool,
    ) -> None:
        """Dates are shown in `zone`. Without `photos` no ordinary photo can be registered. `has_page_button`: a button
        below the chat opens the page.
        """
        super().__init__(config, language)
        self._photos = photos
        self._has_page_button = has_page_button
        self._zone = zone

    def start(self, *, is_known: bool = False) -> Screen:
        """Who this is and what it can do, which is left out where `is_known`."""
        scope = self._text("victim-start", organisation=self._config.organisation)
        return self._screen(
            Name.START,
            self._text("victim-start-again") if is_known else scope,
            self._go("victim-button-begin", Name.AGE),
            self._go("victim-button-have-number", Name.NUMBER),
            self._go("victim-button-lost", Name.LOST),
            self._go("victim-button-privacy", Name.PRIVACY),
        )

    def age(self, *, again: bool = False) -> Screen:
        age = {
            Language.KO: self._config.age_of_majority_ko,
            Language.EN: self._config.age_of_majority_en,
        }[self._language]
        return self._screen(
            Name.AGE,
            self._text("victim-age", age=age, again=int(again)),
            Button(self._text("victim-button-age-yes", age=age), press(Press.AGE, "yes")),
            Button(self._text("victim-button-age-no"), press(Press.AGE, "no")),
            Button(self._text("victim-button-age-unsure"), press(Press.AGE, "unsure")),
            self._go("common-button-start", Name.START),
        )

    def underage(self) -> Screen:
        places = [Button(self._text("victim-button-take-it-down"), url=TAKE_IT_DOWN)]
        if self._language is Language.EN:
            places.append(Button(self._text("victim-button-report-remove"), url=REPORT_REMOVE))
        return self._screen(Name.UNDERAGE, self._text("victim-underage"), *places, self._afresh())

    def consent(self) -> Screen:
        return self._screen(
            Name.CONSENT,
            self._text("victim-consent", version=CONSENT_VERSION),
            Button(self._text("victim-button-agree"), press(Press.CONSENT, "yes")),
            Button(self._text("victim-button-disagree"), press(Press.CONSENT, "no")),
        )

    def hashes(self, *, explained: bool, done: bool) -> Screen:
        """How hashes are made is left out where it was `explained`; only who has a case can be `done`."""
        short = "victim-hashes-more" if done else "victim-hashes-again"
        body = self._text(short) if explained else self._with_ways("victim-hashes")
        end = ("victim-button-done", Name.HOME) if done else ("common-button-start", Name.START)
        return self._screen(Name.HASHES, body, self._file(), *self._photo(), self._go(*end))

    def lost(self, *, explained: bool) -> Screen:
        return self._screen(
            Name.LOST,
            self._text("victim-hashes-again") if explained else self._with_ways("victim-lost"),
            self._file(),
            self._go("common-button-start", Name.START),
        )

    def numbers(self, number: str, pin: str) -> Screen:
        """The number and PIN, to be seen once and never to be copied by Telegram."""
        body = self._text("victim-numbers", number=number, pin=pin)
        keyboard = (
            (Button(self._text("victim-button-noted"), press(Press.NOTED)),),
            (self._erase(BELOW),),
        )
        return Screen(self._with_human(body), keyboard, protected=True)

    def contact(self, case: Case) -> Screen:
        return self._screen(
            Name.CONTACT,
            self._text("victim-contact"),
            Button(self._text("victim-button-contact-no"), press(Press.CONTACT, "no", mark(case))),
            Button(self._text("victim-button-contact-yes"), press(Press.CONTACT, "yes", mark(case))),
        )

    def home(self, case: Case, chat_id: ChatId) -> Screen:
        return self._screen(
            Name.HOME,
            self._text("victim-home"),
            self._go("victim-button-status", Name.STATUS),
            self._go("victim-button-add", Name.ADD),
            *self._photo(),
            *self._news(case, chat_id),
            self._go("victim-button-withdraw", Name.WITHDRAW),
            self._go("victim-button-privacy", Name.PRIVACY),
            self._go("victim-button-close", Name.CLOSED),
        )

    def _news(self, case: Case, chat_id: ChatId) -> Iterator[Button]:
        """News may come in another chat, which is none here."""
        if case.contact != chat_id:
            yield Button(self._text("victim-button-link"), press(Press.CONTACT, "yes", mark(case)))
        if case.contact is not None:
            key = "victim-button-unlink" if case.contact == chat_id else "victim-button-unlink-other"
            yield Button(self._text(key), press(Press.CONTACT, "no", mark(case)))

    def number(self) -> Screen:
        return self._screen(
            Name.NUMBER,
            self._text("victim-number"),
            self._go("victim-button-lost", Name.LOST),
            self._go("common-button-start", Name.START),
        )

    def pin(self, *, is_lost: bool) -> Screen:
        """Asks for the PIN of a number, or of the hashes that were shown in place of a number that `is_lost`."""
        again = (
            ("victim-button-hashes-again", Name.LOST)
            if is_lost
            else ("victim-button-number-again", Name.NUMBER)
        )
        return self._screen(
            Name.PIN,
            self._text("victim-pin"),
            self._go(*again),
            self._go("common-button-start", Name.START),
        )

    def status(self, case: Case) -> Screen:
        since = case.created_at.astimezone(self._zone)
        days = self._photo_days(case)
        searched = case.photo_count if days else 0
        body = self._text(
            "victim-status",
            since=since,
            days=days,
            watched=case.fingerprint_count + searched,
            paused=case.photo_count - searched,
            **_registered(case),
        )
        return self._screen(
            Name.STATUS,
            body,
            self._go("victim-button-findings", Name.FINDINGS),
            self._go("common-button-back", Name.HOME),
        )

    def findings(self, confirmed: int, waiting: int) -> Screen:
        if confirmed or waiting:
            body = self._text("victim-findings", confirmed=confirmed, waiting=waiting)
        else:
            body = self._text("victim-findings-none")
        return self._screen(Name.FINDINGS, body, self._go("common-button-back", Name.HOME))

    def found(self, case: Case) -> Screen:
        """The news that staff confirmed a finding, for those who asked for news. It says nothing else."""
        return self._screen(
            Name.HOME,
            self._text("victim-found"),
            Button(self._text("victim-button-found"), press(Press.GO, Name.FINDINGS, mark(case))),
        )

    def withdraw(self, case: Case) -> Screen:
        return self._screen(
            Name.WITHDRAW,
            self._text("victim-withdraw", **_registered(case)),
            Button(self._text("victim-button-withdraw-yes"), press(Press.WITHDRAW, mark(case))),
            self._go("victim-button-keep", Name.HOME),
        )

    def withdrawn(self, count: int, photos: int) -> Screen:
        return self._screen(
            Name.START,
            self._text("victim-withdrawn", count=count, photos=photos),
            self._go("common-button-start", Name.START),
        )

    def erase(self) -> Screen:
        body = self._text("victim-erase")
        keyboard = (
            (Button(self._text("victim-button-erase-yes"), press(Press.ERASE)),),
            (Button(self._text("victim-button-keep"), press(Press.GO)),),
            (self._other_language(Name.ERASE),),
        )
        return Screen(self._with_human(body), keyboard)

    def erased(self, cases: int, hashes: int, photos: int) -> Screen:
        if cases:
            body = self._text("victim-erased", cases=cases, hashes=hashes, photos=photos)
        else:
            # Pressed once more, or where the registration needs its number: it must not read as deleted.
            body = self._text("victim-erased-none")
        return Screen(self._with_human(body), ((self._afresh(),),))

    def closed(self) -> Screen:
        return self._screen(Name.CLOSED, self._text("victim-closed"), self._afresh())

    def privacy(self) -> Screen:
        body = self._text(
            "victim-privacy",
            organisation=self._config.organisation,
            hours=self._config.conversation_hours,
        )
        return self._screen(Name.PRIVACY, body, self._back())

    def help(self) -> Screen:
        return self._screen(Name.HELP, self._text("victim-help"), self._back())

    def language(self) -> Screen:
        korean = press(Press.LANGUAGE, Language.KO)
        english = press(Press.LANGUAGE, Language.EN)
        body = self._text("victim-language")
        keyboard = (
            (Button(self._text("common-button-korean"), korean),),
            (Button(self._text("common-button-english"), english),),
            (self._erase(),),
        )
        return Screen(self._with_human(body), keyboard)

    def _with_ways(self, key: str) -> str:
        """How hashes are made, the way that suits a phone first."""
        ways = [key, *(["victim-way-button"] if self._has_page_button else []), *_WAYS]
        return "\n\n".join(map(self._text, ways))

    def _photo_days(self, case: Case) -> int:
        """For how long the case's ordinary photos are looked for; 0 where they are not, or it has none."""
        return self._photos.keep_days if self._photos is not None and case.photo_count else 0

    def _photo(self) -> list[Button]:
        """The button for ordinary photos, where they may be registered."""
        return [] if self._photos is None else [self._go("victim-button-photo", Name.PHOTO)]

    def _file(self) -> Button:
        return Button(self._text("victim-button-file"), press(Press.FILE))

    def _screen(self, name: Name, body: str, *actions: Button) -> Screen:
        """One button a row, large; the last row is the same everywhere."""
        last = (self._other_language(name), self._erase())
        return Screen(self._with_human(body), (*((action,) for action in actions), last))

    def _other_language(self, name: Name) -> Button:
        """Shows the same screen in the other language."""
        other = Language.EN if self._language is Language.KO else Language.KO
        return Button(self._text("common-button-language"), press(Press.LANGUAGE, other, name))

    def _erase(self, *below: str) -> Button:
        return Button(self._text("common-button-erase"), press(Press.GO, Name.ERASE, *below))

    def _back(self) -> Button:
        """To wherever the conversation is."""
        return Button(self._text("common-button-back"), press(Press.GO))

    def _afresh(self) -> Button:
        """The button carries the language, because perhaps nothing else remembers it now."""
        return Button(self._text("common-button-start"), press(Press.LANGUAGE, self._language, Name.START))

    def _go(self, key: str, name: Name) -> Button:
        return Button(self._text(key), press(Press.GO, name))


def _registered(case: Case) -> dict[str, Value]:
    assert case.number is not None
    return {"number": case.number, "count": case.fingerprint_count, "photos": case.photo_count}


_WAYS = ("victim-way-file", "victim-way-computer")
