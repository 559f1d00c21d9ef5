"""One `jikimi run` for each database: a start takes up whatever was in hand, so two would take it from each other."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url

from bot.store.errors import InUse, Unreachable


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Hold the SQLite database of `url`, which is open, for this process. Raises `InUse`, `Unreachable`.

    The lock is on a file beside the database, because SQLite has its own locks on that one. The kernel frees it
    however the process ends, so the file may stay. Several machines may share a PostgreSQL: there, Telegram tells
    of a second poller.
    """
    database = make_url(url)
    if database.get_backend_name() != "sqlite":
        yield
        return
    path = f"{database.database}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        # Whoever once gave the command as root owns it.
        raise Unreachable(
            f"The file {path} cannot be opened for writing: {error.strerror}. "
            "It has to belong to this user; while no `jikimi run` uses the database it can be deleted."
        ) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse from None
        yield
    finally:
        os.close(descriptor)
