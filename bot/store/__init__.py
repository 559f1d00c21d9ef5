"""The database: `open_store` gives a `Store`, its transactions go to the functions of the modules beside this one.

The tables are in `tables`. Whatever points at a person, and every fingerprint, is sealed value by value (`cipher`).
"""

from bot.store import account_tables
from bot.store.alone import alone
from bot.store.engine import Store, open_store
from bot.store.errors import Conflict, DoesNotOpen, InUse, NewerSchema, Unreachable, WrongKey
from bot.store.tx import Tx

__all__ = [
    "Conflict",
    "DoesNotOpen",
    "InUse",
    "NewerSchema",
    "Store",
    "Tx",
    "Unreachable",
    "WrongKey",
    "account_tables",
    "alone",
    "open_store",
]
