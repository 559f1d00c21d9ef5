"""A sandbox, a good file for it, and its answers as values."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import termios
from concurrent.futures import Future
from pathlib import Path

from pictures import encoded, picture

from matcher import Limits, MediaError, MediaErrorCode, MediaFingerprint, Sandbox
from matcher.sandbox.processes import WorkerProcess

LIMITS = Limits(wall_s=20)
GOOD = encoded(picture(1, (200, 150)), "JPEG")
PATIENCE_S = 60


def answer(future: Future[MediaFingerprint]) -> MediaFingerprint | MediaErrorCode:
    try:
        return future.result(PATIENCE_S)
    except MediaError as error:
        return error.code


def worker(sandbox: Sandbox) -> WorkerProcess:
    process = sandbox._watchers[0]._process
    assert process is not None
    return process


def stop(process: WorkerProcess) -> None:
    """It does nothing any more when this returns: a signal may take a moment to arrive."""
    os.kill(process.pid, signal.SIGSTOP)
    while (Path("/proc") / str(process.pid) / "stat").read_text().rpartition(")")[2].split()[0] != "T":
        pass


def wait_until_asked(process: WorkerProcess) -> None:
    """Until a worker that is stopped has some of its next file in its pipe."""
    unread = b"\0" * 4
    while struct.unpack("i", unread) == (0,):
        unread = fcntl.ioctl(process.questions, termios.FIONREAD, unread)


def slow_picture() -> bytes:
    """Takes seconds to decode, and is within the limits."""
    return encoded(picture(1, (4000, 3000)), "PNG", compress_level=1)
