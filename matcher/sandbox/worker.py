"""The sandboxed side: reads files from standard input, answers with numbers, and can do little else.

Forked by `matcher.sandbox.zygote`. Whoever breaks a decoder with a crafted file is in a process
that can open no file and no connection, knows no secret, and has bounded memory and time. On Linux before 5.13 the
limit of open files alone keeps files shut: that stops decoders, and not whoever runs code of their own.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Collection, Iterator
from typing import BinaryIO, NoReturn

from matcher.errors import MediaError, MediaErrorCode
from matcher.files.decode import Limits
from matcher.files.media import inspect
from matcher.files.video import needed_blocks
from matcher.fingerprint import LeftOut
from matcher.pieces import Pieces
from matcher.sandbox import landlock, wire

_PR_SET_PDEATHSIG = 1
_STDIN, _STDOUT, _STDERR = range(3)


def run(questions: int, answers: int, limits: Limits, wanted: Collection[str]) -> NoReturn:
    """Answer what is asked on one open descriptor on the other, and end with this process, in which all is loaded."""
    status = 1
    try:
        os.dup2(questions, _STDIN)
        os.dup2(answers, _STDOUT)
        os.closerange(_STDERR + 1, os.sysconf("SC_OPEN_MAX"))
        _serve(os.fdopen(_STDIN, "rb"), os.fdopen(_STDOUT, "wb"), limits, wanted)
        status = 0
    finally:
        # Nothing of the process that was forked is to be tidied up here.
        os._exit(status)


def _serve(incoming: BinaryIO, answers: BinaryIO, limits: Limits, wanted: Collection[str]) -> None:
    _confine(limits)
    for question, untrusted_file in _questions(incoming):
        _allow_cpu(limits.cpu_s)
        for message in _answer(question, untrusted_file, limits, wanted):
            answers.write(message)
            answers.flush()


def _questions(incoming: BinaryIO) -> Iterator[tuple[int, Pieces]]:
    while True:
        try:
            yield wire.read_question(incoming)
        except EOFError:
            return


def _answer(
    question: int, untrusted_file: Pieces, limits: Limits, wanted: Collection[str]
) -> Iterator[bytes]:
    try:
        if question == wire.NEEDED:
            yield wire.pack_blocks(needed_blocks(untrusted_file, limits))
            return
        left_out = LeftOut(0)
        for shown in inspect(untrusted_file, limits, wanted):
            if isinstance(shown, LeftOut):
                left_out = shown
            else:
                yield wire.pack(shown)
    except MediaError as error:
        yield wire.pack_error(error.code)
    except MemoryError:
        yield wire.pack_error(MediaErrorCode.OUT_OF_MEMORY)
    else:
        yield wire.pack(left_out)


def _confine(limits: Limits) -> None:
    """Give up what decoding does not need. Opened before: the three standard streams and all modules."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        landlock.forbid_everything()
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
