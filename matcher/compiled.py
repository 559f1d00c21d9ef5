"""Functions that numba compiles, and their machine code, kept on disk as Python keeps its bytecode: to compile them all
takes ten seconds, to load them one.

What is kept counts only for the very same sources of this package. It lies in the user's cache folder
(`$XDG_CACHE_HOME/jikimi`, or `~/.cache/jikimi`), and where others could write there, nothing is kept or loaded.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from numba import config, njit

F = TypeVar("F", bound=Callable[..., Any])

_KEPT_VERSIONS = 4


def compiled(signature: Any, **options: Any) -> Callable[[F], F]:
    """Compile the function for a numba signature, when its module is imported; `options` are those of `numba.njit`.

    What it calls is compiled with it, by `njit` without a signature.
    """

    def compile_(function: F) -> F:
        made: F
        folder = _folder()
        if folder is not None:
            # numba tells apart what it keeps by function and signature, but not by options.
            config.CACHE_DIR = str(folder / "_".join(("with", *sorted(options))))
            # A full disk or a spoiled file must not keep anything from working. What is wrong with the function itself is
            # raised once more below.
            with suppress(Exception):
                made = njit(signature, cache=True, **options)(function)
                return made
        made = njit(signature, **options)(function)
        return made

    return compile_


@cache
def _folder() -> Path | None:
    """Where the machine code of these sources is kept; `None` where it cannot be, or not safely."""
    with suppress(OSError, RuntimeError):
        home = os.environ.get("XDG_CACHE_HOME")
        ours = (Path(home) if home else Path.home() / ".cache") / "jikimi"
        folder = ours / f"compiled-{_digest()}"
        is_new = not folder.exists()
        for each in (ours, folder):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = each.stat()
            if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
        if is_new:
            _forget_old(ours)
        return folder
    return None


def _digest() -> str:
    """Of all sources of this package: numba itself looks only at the file that a function is in, and at its time."""
    sources = Path(__file__).parent
    known = hashlib.sha256()
    for file in sorted(sources.rglob("*.py")):
        known.update(f"{file.relative_to(sources)}\0".encode() + file.read_bytes() + b"\0")
    return known.hexdigest()[:16]


def _forget_old(ours: Path) -> None:
    """Of versions that were there before, keep the newest few; a process that is just loading one compiles instead."""
    folders = sorted(ours.glob("compiled-*"), key=lambda folder: folder.stat().st_mtime)
    for folder in folders[:-_KEPT_VERSIONS]:
        shutil.rmtree(folder, ignore_errors=True)
