"""A sandbox, a good file for it, and its answers as values."""

from __future__ import annotations

import subprocess
from concurrent.futures import Future

from pictures import encoded, picture

from matcher import Limits, MediaError, MediaErrorCode, MediaFingerprint, Sandbox

LIMITS = Limits(wall_s=20)
GOOD = encoded(picture(1, (200, 150)), "JPEG")
PATIENCE_S = 60


def answer(future: Future[MediaFingerprint]) -> MediaFingerprint | MediaErrorCode:
    try:
        return future.result(PATIENCE_S)
    except MediaError as error:
        return error.code


def worker(sandbox: Sandbox) -> subprocess.Popen[bytes]:
    process = sandbox._watchers[0]._process
    assert process is not None
    return process
