"""The states that things are in, and the steps that lead from one to another."""

from __future__ import annotations

from enum import StrEnum


class ChannelState(StrEnum):
    ASKED = "asked"
    """The bot is in, nobody has authorised it: nothing is scanned."""
    AUTHORISED = "authorised"
    ENDED = "ended"
    """The authorisation expired or was revoked: nothing is scanned, the bot has left or is leaving."""
    LEFT = "left"
    """The bot was removed by somebody else."""


class AccountState(StrEnum):
    """Of an account that follows channels."""

    READY = "ready"
    WAITING = "waiting"
    """Telegram asked it to wait."""
    NEEDS_SIGN_IN = "needs_sign_in"
    """Its session was ended."""
    LIMITED = "limited"
    """Telegram froze it, or lets it do only some things."""
    BANNED = "banned"


class MediaState(StrEnum):
    WAITING = "waiting"
    SCANNED = "scanned"
    FAILED = "failed"
    """Could not be fingerprinted, or could not be downloaded: the reason says which."""
    NOT_INSPECTABLE = "not_inspectable"
    """Telegram gives a bot no file for it (paid media, stories)."""


class CaseState(StrEnum):
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class FindingState(StrEnum):
    NEW = "new"
    SECOND = "second"
    """One person confirmed it, and another is to confirm it as well (`[staff] second_person`)."""
    CONFIRMED = "confirmed"
    NOT_A_MATCH = "not_a_match"
    REPORTED = "reported"
    """Sent to somebody who can have it removed."""
    STILL_UP = "still_up"
    """Looked at after the report, and still there."""
    REMOVED = "removed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    """What it shows was withdrawn before anybody decided."""
    HELD = "held"
    """Something else is to be decided on first; see `bot.store.standing`."""
    SUPPRESSED = "suppressed"
    """It shows only hashes that make no alerts: disabled ones, or such as are near to known-good pictures."""
    MUTED = "muted"
    """An ordinary photo reposted, of a case whose reposts staff do not want to be told of."""


UNDECIDED = frozenset({FindingState.NEW, FindingState.SECOND})
"""Somebody has to look at it."""


NOT_ASKED = frozenset({FindingState.HELD, FindingState.SUPPRESSED})
"""Staff are not shown it, but how many there are."""


CONFIRMED = (
    frozenset(FindingState)
    - UNDECIDED
    - NOT_ASKED
    - {FindingState.NOT_A_MATCH, FindingState.WITHDRAWN, FindingState.MUTED}
)
"""Somebody said that it is what was registered."""


class HashState(StrEnum):
    """How a registered hash stands, see `bot.store.standing`."""

    QUARANTINED = "quarantined"
    ACTIVE = "active"
    HELD = "held"
    CLEARED = "cleared"
    DISABLED = "disabled"


class Decision(StrEnum):
    """What is said of the findings of an alert."""

    CONFIRMED = "confirmed"
    NOT_A_MATCH = "not_a_match"


class Step(StrEnum):
    """What becomes of one finding, from the alert to the removal."""

    CONFIRMED = "confirmed"
    NOT_A_MATCH = "not_a_match"
    REPORTED = "reported"
    STILL_UP = "still_up"
    REMOVED = "removed"
    CLOSED = "closed"
