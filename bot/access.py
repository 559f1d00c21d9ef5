"""Who may do what. Nothing else compares roles."""

from __future__ import annotations

from enum import StrEnum

from bot.model import Role


class Action(StrEnum):
    READ_CHANNELS = "read_channels"
    READ_HEALTH = "read_health"
    READ_HELP = "read_help"
    READ_STAFF = "read_staff"
    DECIDE = "decide"
    RUN_DRILL = "run_drill"
    CHANGE_HASHES = "change_hashes"
    """Stop single hashes, let them go on, narrow them, and name known-good pictures."""
    ADD_CHANNEL = "add_channel"
    AUTHORISE = "authorise"
    """Authorise watching a channel, revoke it, or leave the channel."""
    CHANGE_STAFF = "change_staff"
    READ_POISON = "read_poison"
    """See, and try again, the updates that could not be handled."""


_STAFF = frozenset(
    {
        Action.READ_CHANNELS,
        Action.READ_HEALTH,
        Action.READ_HELP,
        Action.READ_STAFF,
        Action.DECIDE,
        Action.RUN_DRILL,
        Action.CHANGE_HASHES,
    }
)

_MAY: dict[Role, frozenset[Action]] = {
    Role.VICTIM: frozenset(),
    Role.STAFF: _STAFF,
    Role.ADMIN: frozenset(Action),
}


def may(role: Role, action: Action) -> bool:
    return action in _MAY[role]
