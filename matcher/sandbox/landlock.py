"""Linux's Landlock (kernel 5.13 and later): from here on this process opens no file and reaches no other process.

A limit of three open files stops no code that closes one of them first. Source: Documentation/userspace-api/landlock.rst
and include/uapi/linux/landlock.h of Linux; its system calls have the same numbers on every machine.
"""

from __future__ import annotations

import ctypes
import os
import struct

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION = 1
_PR_SET_NO_NEW_PRIVS = 38
_FILES = ((1, 13), (2, 14), (3, 15), (5, 16))
"""From which version on how many ways to use files can be forbidden, one a bit."""
_CONNECTIONS = (4, 0b11)
"""TCP, as client and as server."""
_OTHERS = (6, 0b11)
"""Abstract Unix sockets and signals to processes outside."""


def forbid_everything() -> int:
    """Forbid all that this kernel can forbid, for good; what is open stays open. Returns the version of Landlock, 0 where
    there is none.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION))
    if version < 1:
        return 0
    ruleset = _ruleset(version)
    no_rules = libc.syscall(_CREATE_RULESET, ruleset, ctypes.c_size_t(len(ruleset)), 0)
    if no_rules < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    try:
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if libc.syscall(_RESTRICT_SELF, no_rules, 0):
            raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    finally:
        os.close(no_rules)
    return version


def _ruleset(version: int) -> bytes:
    """The kernel's `struct landlock_ruleset_attr`, as long as this version knows it."""
    files = (1 << max(number for since, number in _FILES if since <= version)) - 1
    fields = [files]
    fields += [bits for since, bits in (_CONNECTIONS, _OTHERS) if since <= version]
    return struct.pack(f"={len(fields)}Q", *fields)
