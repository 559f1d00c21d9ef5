"""The sandboxed side: reads files from standard input, answers with numbers, and can do little else.

Run by `matcher.sandbox` as `python -m matcher.worker`. Whoever breaks a decoder with a crafted file is in a process
that can open no file and no connection, knows no secret, and has bounded memory and time.
"""

from __future__ import annotations

import ctypes
import resource
import signal
import sys
from typing import BinaryIO

from matcher import wire
from matcher.decode import Limits, decode, prepare
from matcher.errors import MediaError, MediaErrorCode
from matcher.look import look

_PR_SET_PDEATHSIG = 1


def main() -> None:
    limits = wire.limits_from_arguments(sys.argv[1:])
    incoming, answers = sys.stdin.buffer, sys.stdout.buffer
    prepare()
    _confine(limits)
    answers.write(wire.READY)
    answers.flush()
    while (untrusted_data := _request(incoming)) is not None:
        _allow_cpu(limits.cpu_s)
        answers.write(_answer(untrusted_data, limits))
        answers.flush()


def _request(incoming: BinaryIO) -> bytes | None:
    head = incoming.read(wire.LENGTH.size)
    if len(head) < wire.LENGTH.size:
        return None
    (length,) = wire.LENGTH.unpack(head)
    return incoming.read(length)


def _answer(untrusted_data: bytes, limits: Limits) -> bytes:
    try:
        return wire.pack_fingerprint(look(decode(untrusted_data, limits)))
    except MediaError as error:
        return wire.pack_error(error.code)
    except MemoryError:
        return wire.pack_error(MediaErrorCode.OUT_OF_MEMORY)


def _confine(limits: Limits) -> None:
    """Give up what decoding does not need. Opened before: the three standard streams and all modules."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def _allow_cpu(cpu_s: int) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent_s = int(usage.ru_utime + usage.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent_s + cpu_s, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
