"""A sandbox, a good file for it, and its answers as values."""

from __future__ import annotations

from concurrent.futures import Future

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


def slow_picture() -> bytes:
    """Takes seconds to decode, and is within the limits."""
    return encoded(picture(1, (4000, 3000)), "PNG", compress_level=1)
