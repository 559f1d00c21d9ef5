"""What a victim is told above a screen, or beside one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.config import VictimConfig
from bot.errors import Refused
from bot.model import Language
from bot.texts import Value, text
from bot.victims.cases import Added
from matcher import MAX_LINES, HashTextError, HashTextReason

WOMENS_LINE = "1366"
MAX_EXPLAINED = 10
"""So many hashes that were not taken are explained one by one."""


class Notices:
    """The notices in one language."""

    def __init__(self, config: VictimConfig, language: Language) -> None:
        self._config = config
        self._language = language

    def beside(self, key: str, **values: Value) -> str:
        """A message that is no screen."""
        return self._with_human(self._text(key, **values))

    def added(self, added: Added) -> str:
        """The notice of what became of the hashes of a message."""
        key = "victim-added" if added.new else "victim-added-none"
        values = {"new": added.new} if added.new else {}
        lines = [self._text(key, total=added.total, **values)]
        if added.known:
            lines.append(self._text("victim-added-known", known=added.known))
        if added.limit == "case":
            limit = self._config.max_hashes_per_case
            lines.append(self._text("victim-added-case-limit", count=added.left_out, limit=limit))
        elif added.limit == "day":
            limit = self._config.max_hashes_per_day
            lines.append(self._text("victim-added-day-limit", count=added.left_out, limit=limit))
        return "\n".join(lines)

    def not_taken(self, errors: Sequence[tuple[int, HashTextError]]) -> str:
        """The notice of what is wrong with each hash and what to do; the hashes themselves are not repeated."""
        lines = [self._text("victim-not-taken")]
        for number, error in errors[:MAX_EXPLAINED]:
            lines.append(self._text("victim-not-taken-one", number=number, problem=self._problem(error)))
        if len(errors) > MAX_EXPLAINED:
            lines.append(self._text("victim-not-taken-more", count=len(errors) - MAX_EXPLAINED))
        return "\n".join(lines)

    def too_many_hashes(self) -> str:
        return self._text("victim-too-many-hashes", max=MAX_LINES)

    def unlinked(self) -> str:
        return self._text("victim-unlinked", hours=self._config.conversation_hours)

    def notice(self, key: str, **values: Value) -> str:
        return self._text(key, **values)

    def refused(self, refused: Refused) -> str:
        return self._text(_REFUSALS[refused.code], **refused.values)

    def _problem(self, error: HashTextError) -> str:
        key = _PROBLEMS.get(error.reason, "victim-hash-unknown-format")
        values = {"length": error.length} if error.reason is HashTextReason.WRONG_LENGTH else {}
        return self._text(key, **values)

    def _text(self, key: str, **values: Value) -> str:
        return text(self._language, key, **values)

    def _with_human(self, body: str) -> str:
        contact = self._config.contact
        if contact == WOMENS_LINE:
            human = self._text("common-human")
        else:
            human = self._text("common-human-own", contact=contact)
        return f"{body}\n\n{human}"


_REFUSALS = {
    "day-limit": "victim-day-limit",
    "cases-limit": "victim-cases-limit",
    "pin-wrong": "victim-pin-wrong",
    "pin-blocked": "victim-pin-blocked",
    "already-linked": "victim-already-linked",
    "lost-wrong": "victim-lost-wrong",
    "lost-blocked": "victim-lost-blocked",
}

_PROBLEMS = {
    HashTextReason.WRONG_LENGTH: "victim-hash-wrong-length",
    HashTextReason.NOT_HEX: "victim-hash-not-hex",
    HashTextReason.NOT_A_FINGERPRINT: "victim-hash-not-a-fingerprint",
    HashTextReason.LOW_QUALITY: "victim-hash-low-quality",
    HashTextReason.WRONG_CHECKSUM: "victim-hash-wrong-checksum",
}
