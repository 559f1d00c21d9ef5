"""A database is run by one process at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.store import InUse, alone
from bot.store.errors import Unreachable


def test_a_database_is_held_by_one_at_a_time_and_free_again_after_it(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/jikimi.sqlite3"
    with alone(url):
        with pytest.raises(InUse), alone(url):
            pass
        with alone(f"sqlite+aiosqlite:///{tmp_path}/other.sqlite3"):
            pass
    with alone(url):
        pass


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/jikimi.sqlite3"
    dying = f"import os\nfrom bot.store import alone\nwith alone({url!r}): os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", dying]).returncode == -9
    assert (tmp_path / "jikimi.sqlite3.lock").exists()
    with alone(url):
        pass


def test_a_lock_that_another_user_owns_is_told_with_what_to_do(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'jikimi.sqlite3'}"
    # Root may open any file, so that tests cannot take the right away.
    (tmp_path / "jikimi.sqlite3.lock").mkdir()
    with pytest.raises(Unreachable, match="can be deleted"), alone(url):
        pass
