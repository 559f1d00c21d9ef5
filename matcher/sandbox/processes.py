"""Worker processes as their parent sees them: how they begin, how they end, and what they may know."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress

from matcher.files.decode import Limits
from matcher.sandbox import wire
from matcher.sandbox.zygote import NUMBER

PATIENCE_S = 60
"""How long a zygote may take to load and compile; not part of any file's time."""

_KEPT = (
    *("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"),
    *("PATH", "VIRTUAL_ENV", "XDG_CACHE_HOME"),
)
"""What a worker may know of our environment: nothing that could be a secret."""

_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Each worker is one core's worth: the maths library's own threads only get in their way."""


class WorkerProcess:
    """A sandboxed process, which reads `questions` and writes `answers`."""

    def __init__(self, zygote: socket.socket) -> None:
        asked, questions = os.pipe()
        answers, told = os.pipe()
        self.questions, self.answers = os.fdopen(questions, "wb"), os.fdopen(answers, "rb")
        self._life, its_life = socket.socketpair()
        self._life.settimeout(PATIENCE_S)
        try:
            socket.send_fds(zygote, [b"\0"], [asked, told, its_life.fileno()])
        except OSError:
            # `begin` sees its life closed.
            self.kill()
        finally:
            its_life.close()
            os.close(asked)
            os.close(told)
        self.pid = 0
        self.returncode: int | None = None
        """How it ended, as `subprocess` tells it, once it was waited for."""

    def begin(self) -> None:
        """Wait until it is there. Raises `OSError` if it does not come."""
        self.pid = self._number()

    def kill(self) -> None:
        """End it at once, from any thread. What ended before is let be."""
        with suppress(OSError):
            self._life.shutdown(socket.SHUT_WR)

    def has_ended(self) -> bool:
        """Also where it says something without being asked."""
        answers = select.poll()
        answers.register(self.answers, select.POLLIN)
        return bool(answers.poll(0))

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        if self.returncode is None:
            try:
                self.returncode = self._number()
            except OSError:
                # Its zygote was killed, and so was it.
                self.returncode = -signal.SIGKILL
        return self.returncode

    def close(self) -> None:
        """End it, and forget what was not read or written yet."""
        self.kill()
        self.wait()
        self._life.close()
        self.answers.close()
        with suppress(OSError):
            self.questions.close()

    def _number(self) -> int:
        told = self._life.recv(NUMBER.size)
        if not told:
            raise ConnectionResetError
        number: int = NUMBER.unpack(told)[0]
        return number


class Zygotes:
    """Starts workers by kinds. Safe to use from several threads.

    There is one zygote for the kinds that were asked for last; those before it end when their workers have.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._starting = threading.Lock()
        self._zygotes: list[_Zygote] = []
        self._closed = False

    def start(self, kinds: frozenset[str]) -> WorkerProcess:
        """A worker that hashes by these kinds. Raises `OSError` if it does not come up."""
        with self._starting:
            zygote = self._of(kinds)
            worker = WorkerProcess(zygote.requests)
        try:
            worker.begin()
        except OSError:
            zygote.kill()
            worker.close()
            raise
        return worker

    def close(self) -> None:
        """End all of them and their workers, also what is starting."""
        with self._starting:
            self._closed = True
            for zygote in self._zygotes:
                zygote.kill()
                zygote.wait()

    def _of(self, kinds: frozenset[str]) -> _Zygote:
        if self._closed:
            raise ConnectionAbortedError
        self._zygotes = [zygote for zygote in self._zygotes if zygote.is_alive()]
        if not self._zygotes or self._zygotes[-1].kinds != kinds:
            for zygote in self._zygotes:
                zygote.retire()
            self._zygotes.append(_Zygote(self._limits, kinds))
        return self._zygotes[-1]


class _Zygote:
    def __init__(self, limits: Limits, kinds: frozenset[str]) -> None:
        self.kinds = kinds
        self.requests, its_requests = socket.socketpair()
        with its_requests:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, and no shell
                [sys.executable, "-I", "-m", "matcher.sandbox.zygote", *wire.as_arguments(limits, kinds)],
                stdin=its_requests.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT if name in os.environ} | _ONE_THREAD,
                close_fds=True,
            )

    def is_alive(self) -> bool:
        if self._process.poll() is None:
            return True
        self.requests.close()
        return False

    def retire(self) -> None:
        """Fork no more."""
        self.requests.close()

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> None:
        self._process.wait()
        self.requests.close()
