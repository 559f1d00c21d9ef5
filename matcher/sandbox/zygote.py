"""The process that workers are forked from: it has loaded and compiled all that they need, and never sees a file.

Run by `matcher.sandbox.processes` as `python -m matcher.sandbox.zygote`. Chromium and Android start their sandboxed
processes in this way. Each message on standard input, a Unix socket, brings three descriptors: where the worker reads
questions, where it answers, and a socket for its life. On that its process id is told, and how it ended; when the other
side of it closes, the worker is killed.
"""

from __future__ import annotations

import gc
import os
import resource
import selectors
import signal
import socket
import struct
import sys
from collections.abc import Collection

from matcher import kinds
from matcher.files.decode import Limits
from matcher.files.media import prepare
from matcher.sandbox import wire, worker

NUMBER = struct.Struct(">i")
"""A process id, or an exit status: negative for the signal that ended it."""
DESCRIPTORS = 3
_MOST_OPEN = 1024
"""Descriptors; a worker closes them one by one."""


def main() -> None:
    limits, wanted = wire.from_arguments(sys.argv[1:])
    # Whoever stops the bot from a keyboard lets it end its files.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare(wanted)
    kinds.prepare(wanted)
    # What is not looked at by the collector stays shared with the forks.
    gc.freeze()
    most_open = min(_MOST_OPEN, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_open, most_open))
    _Zygote(limits, wanted).run()


class _Zygote:
    def __init__(self, limits: Limits, wanted: Collection[str]) -> None:
        self._limits, self._wanted = limits, wanted
        self._lives: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._requests = socket.socket(fileno=sys.stdin.fileno())
        self._ended, told = socket.socketpair()
        for side in (self._ended, told):
            side.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(told.detach(), warn_on_full_buffer=False)

    def run(self) -> None:
        """Fork until nobody can ask any more, and see to it that all end."""
        self._selector.register(self._requests, selectors.EVENT_READ, self._fork)
        self._selector.register(self._ended, selectors.EVENT_READ, self._reap)
        while self._lives or self._requests in self._selector.get_map():
            for key, _ in self._selector.select():
                key.data()

    def _fork(self) -> None:
        _, descriptors, _, _ = socket.recv_fds(self._requests, 1, DESCRIPTORS)
        if len(descriptors) < DESCRIPTORS:
            self._selector.unregister(self._requests)
            return
        questions, answers, life = descriptors
        try:
            pid = os.fork()
        except OSError:
            # Whoever asked sees its life close, and may ask again.
            os.close(life)
        else:
            if not pid:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                worker.run(questions, answers, self._limits, self._wanted)
            self._watch(pid, socket.socket(fileno=life))
        os.close(questions)
        os.close(answers)

    def _watch(self, pid: int, life: socket.socket) -> None:
        def kill() -> None:
            # It may have ended in the same moment, and its id be that of another.
            if self._lives.get(pid) is life:
                self._selector.unregister(life)
                os.kill(pid, signal.SIGKILL)

        self._lives[pid] = life
        self._selector.register(life, selectors.EVENT_READ, kill)
        _tell(life, pid)

    def _reap(self) -> None:
        self._ended.recv(4096)
        while self._lives:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            life = self._lives.pop(pid)
            _tell(life, os.waitstatus_to_exitcode(status))
            if life in self._selector.get_map():
                self._selector.unregister(life)
            life.close()


def _tell(life: socket.socket, number: int) -> None:
    try:
        life.sendall(NUMBER.pack(number))
    except OSError:
        # Nobody is there to know any more, and so the worker is killed.
        return


if __name__ == "__main__":
    main()
