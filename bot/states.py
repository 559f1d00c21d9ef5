"""What becomes of a finding."""

from __future__ import annotations

from enum import StrEnum


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
    """The case was withdrawn before anybody decided."""
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
