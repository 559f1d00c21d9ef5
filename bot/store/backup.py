"""A copy of an SQLite database, as it is at one moment, beside whatever uses it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from bot.errors import BadArgument
from bot.store.engine import in_words
from bot.store.errors import Unreachable


def copy_to(url: str, target: Path) -> Path:
    """Copy the SQLite database of `url`; returns its file. The schema stays as it is, so that a copy can be made before an
    upgrade.

    Only the owner may read the copy. It gets its name when it is whole: nothing is replaced, and nothing that is cut off
    is left to be taken for one. Raises `BadArgument`, `Unreachable`.
    """
    database = make_url(url)
    if database.get_backend_name() != "sqlite" or database.database is None:
        raise BadArgument("only an SQLite database can be copied by this; PostgreSQL has `pg_dump`.")
    file = Path(database.database).absolute()
    if os.path.lexists(target):
        raise _is_there(target)
    try:
        # Only the owner may enter it, and with it goes what SQLite keeps beside a file that is not whole.
        with tempfile.TemporaryDirectory(prefix=f"{target.name}.", dir=target.parent) as folder:
            part = Path(folder) / "part"
            part.touch(0o600)
            _copy(file, part)
            _name(part, target)
    except sqlite3.Error as error:
        raise Unreachable(f"The database {file} cannot be copied to {target}: {in_words(error)}.") from None
    except OSError as error:
        raise BadArgument(f"{target} cannot be written: {error.strerror}.") from None
    return file


def _copy(file: Path, part: Path) -> None:
    # It makes no database where there is none.
    with (
        closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(part)) as copy,
    ):
        source.backup(copy)


def _name(part: Path, target: Path) -> None:
    try:
        # Unlike renaming, this replaces nothing that came meanwhile.
        os.link(part, target)
    except FileExistsError:
        raise _is_there(target) from None
    except OSError:
        # On a stick a file has one name.
        part.rename(target)


def _is_there(target: Path) -> BadArgument:
    return BadArgument(f"{target} is there already. Name another file, or move that away.")
