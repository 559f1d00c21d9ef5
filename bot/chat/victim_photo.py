"""Registering ordinary photos in the victim's chat: the screens, and which files may be read."""

from __future__ import annotations

from bot.chat.victim_screens import Name, Press, Screen, Screens, press
from bot.errors import Refused
from bot.model import Button, ChatKind, MediaRef, Person, ReadPhotoFile, Talk, UserId
from bot.store.cases import Case
from bot.victims.photo_files import PhotoFile
from bot.victims.photos import CONSENT_VERSION, MAX_FILE_BYTES, RegisteredPhoto
from matcher import HashTextError, HashTextReason

AFTER_AGE = {Name.PHOTO_AGE: Name.PHOTO_CONSENT}
AFTER_CONSENT = {Name.CONSENT: Name.HASHES, Name.PHOTO_CONSENT: Name.PHOTO}
"""The step that an answer leads to."""

PHOTO_STEPS = frozenset({Name.PHOTO_AGE, Name.PHOTO_CONSENT, Name.PHOTO})
_OFFERED_AT = PHOTO_STEPS | {Name.HASHES}
"""The steps, besides a case, at which somebody has agreed to what holds for every registration."""


def may_begin(step: Name, case: Case | None) -> bool:
    return case is not None or step in _OFFERED_AT


def wanted_file(talk: Talk, step: Name) -> ReadPhotoFile | None:
    """The one thing a victim sends that is downloaded: a small text file, where one was asked for."""
    file: MediaRef | None = talk.text_file
    if step is not Name.PHOTO or file is None or file.size_bytes is None:
        return None
    return ReadPhotoFile(talk.chat_id, talk.message_id, file) if file.size_bytes <= MAX_FILE_BYTES else None


def said_with(asked: ReadPhotoFile) -> Talk:
    """The message that carried the file, as far as it still matters."""
    person = Person(UserId(asked.chat_id), "")
    return Talk(asked.chat_id, ChatKind.PRIVATE, person, None, asked.message_id)


class PhotoScreens(Screens):
    """All screens; those here are for ordinary photos."""

    def photo_consent(self) -> Screen:
        assert self._photos is not None
        return self._screen(
            Name.PHOTO_CONSENT,
            self._text("victim-photo-consent", version=CONSENT_VERSION, days=self._photos.keep_days),
            Button(self._text("victim-button-agree"), press(Press.CONSENT, "yes")),
            Button(self._text("victim-button-disagree"), press(Press.CONSENT, "no")),
        )

    def photo(self, case: Case | None, *, explained: bool) -> Screen:
        """How the file is made is left out where it was `explained`."""
        short = "victim-photo-more" if case is not None and case.photo_count else "victim-photo-again"
        return self._screen(
            Name.PHOTO,
            self._text(short if explained else "victim-photo"),
            self._go("victim-button-done", Name.HOME),
        )

    def not_opened(self, step: Name) -> str:
        """The notice that what was sent is deleted, and which files are taken."""
        if step is Name.PHOTO:
            return self._text("victim-photo-no-media")
        keys = ["victim-no-media", *([] if self._photos is None else ["victim-no-media-sketch"])]
        return "\n".join(map(self._text, keys))

    def photos_expired(self) -> Screen:
        """The news that photos were kept long enough and are deleted."""
        return self._screen(
            Name.HOME,
            self._text("victim-photos-expired"),
            self._go("victim-button-status", Name.STATUS),
        )

    def photo_read(self, read: RegisteredPhoto) -> str:
        """The notice that the photo is registered, or was before."""
        key = "victim-photo-added" if read.is_new else "victim-photo-known"
        return self._text(key, total=read.case.photo_count)

    def photo_not_read(self, why: PhotoFile | Refused) -> str:
        """The notice of why it is not, and what to do."""
        if isinstance(why, Refused):
            key = {
                "photo-day-limit": "victim-photo-day-limit",
                "photo-case-limit": "victim-photo-case-limit",
            }
            return self._text(key[why.code], **why.values)
        if isinstance(why, HashTextError):
            return self._text(_PROBLEMS.get(why.reason, "victim-photo-damaged"))
        return self._text("victim-photo-not-fetched")


_PROBLEMS = {
    HashTextReason.EMPTY: "victim-photo-unknown-format",
    HashTextReason.UNKNOWN_FORMAT: "victim-photo-unknown-format",
    HashTextReason.LOW_QUALITY: "victim-photo-low-quality",
    HashTextReason.NOT_A_FINGERPRINT: "victim-photo-low-quality",
    HashTextReason.OUT_OF_DATE: "victim-photo-out-of-date",
}
