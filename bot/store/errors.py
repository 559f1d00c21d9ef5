"""What can go wrong with the database; an error says what to do and never holds a stored value or a password."""

from __future__ import annotations

from bot.errors import StoreError


class NewerSchema(StoreError):
    """The database was made by a newer Jikimi. Install that version again, or restore an older backup."""


class WrongKey(StoreError):
    """The key file does not belong to this database. Use the key file that was made with it (store.key_file)."""


class Unreachable(StoreError):
    """The database cannot be reached. Check store.url and that the database is running."""


class InUse(StoreError):
    """Another `jikimi run` is using this database. Stop it first, or give this one a database of its own (store.url)."""


class Conflict(StoreError):
    """The row is there already, or a row it points at is gone: nothing of this transaction was stored."""


class DoesNotOpen(StoreError):
    """A sealed value does not open."""
