"""Role x Action."""

from __future__ import annotations

import pytest

from bot.access import Action, may
from bot.model import Role

FOR_STAFF = {
    Action.READ_CHANNELS,
    Action.READ_HEALTH,
    Action.READ_HELP,
    Action.READ_STAFF,
    Action.DECIDE,
    Action.RUN_DRILL,
    Action.CHANGE_HASHES,
}


@pytest.mark.parametrize("action", Action)
def test_a_victim_may_do_nothing_of_it_staff_read_and_decide_and_admins_do_all(action: Action) -> None:
    assert not may(Role.VICTIM, action)
    assert may(Role.STAFF, action) == (action in FOR_STAFF)
    assert may(Role.ADMIN, action)
