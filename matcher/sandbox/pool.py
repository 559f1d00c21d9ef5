"""Worker processes that decode and fingerprint, each watched by a thread that replaces it when it dies or hangs."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Generic, Self, TypeVar

from matcher.errors import MediaError, MediaErrorCode, NoWorker
from matcher.files.decode import Limits
from matcher.fingerprint import MediaFingerprint, Shown, collect
from matcher.pieces import File, Pieces
from matcher.sandbox import wire
from matcher.sandbox.processes import WorkerProcess, Zygotes

T = TypeVar("T")


@dataclass(frozen=True)
class _Job(Generic[T]):
    question: int
    untrusted_file: Pieces
    kinds: frozenset[str] | None
    """None where it does not matter which a worker hashes by."""
    read: Callable[[IO[bytes]], T]
    future: Future[T]


class Sandbox:
    """Looks into untrusted files in `workers` processes. Use as a context manager, from any thread.

    A file that kills its worker, or takes longer than the limits allow, costs that one file: its future gets a
    `MediaError`, the worker is replaced, and the files that wait go on. Where no worker can be had, that is `NoWorker`.
    """

    def __init__(self, workers: int, limits: Limits) -> None:
        self._limits = limits
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._zygotes = Zygotes(limits)
        self._watchers = [_Watcher(self._jobs, limits, self._zygotes) for _ in range(workers)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def submit(
        self,
        untrusted_file: File,
        shown: Callable[[Shown], None] = lambda _: None,
        kinds: frozenset[str] = frozenset(),
    ) -> Future[MediaFingerprint]:
        """The fingerprint to come, or a `MediaError`. Cancelling the future before its turn costs nothing.

        `kinds` are those of other organisations' lists that it is to be hashed by, besides PDQ. Workers are started
        for one set of them, so that changing it often is slow.

        `shown` is called from the sandbox's thread with whatever the file shows, as soon as it is known; it must be
        quick and must not raise. What was shown stays true if the file ends in a `MediaError` later. Raises `RuntimeError` once the sandbox is closed: nobody would ever answer.
        """

        def read(untrusted_answer: IO[bytes]) -> MediaFingerprint:
            return collect(_each(shown, wire.read_answer(untrusted_answer, self._limits)))

        if isinstance(untrusted_file, bytes):
            untrusted_file = Pieces.of(len(untrusted_file), [(0, untrusted_file)])
        return self._put(wire.INSPECT, untrusted_file, kinds, read)

    def needed(self, untrusted_file: Pieces) -> Future[list[int]]:
        """As `matcher.files.video.needed_blocks`, in the order of `submit`'s files, and raises as it does."""
        size_bytes = untrusted_file.size_bytes
        return self._put(
            wire.NEEDED, untrusted_file, None, lambda answer: wire.read_blocks(answer, size_bytes)
        )

    def _put(
        self, question: int, file: Pieces, kinds: frozenset[str] | None, read: Callable[[IO[bytes]], T]
    ) -> Future[T]:
        future: Future[T] = Future()
        if file.known_bytes > self._limits.max_bytes:
            future.set_exception(MediaError(MediaErrorCode.TOO_LARGE))
            return future
        with self._closing:
            if self._closed:
                raise RuntimeError("the sandbox is closed")
            self._jobs.put(_Job(question, file, kinds, read, future))
        return future

    def close(self) -> None:
        """Stop all workers at once; files that still wait get `WORKER_DIED`."""
        with self._closing:
            self._closed = True
        for watcher in self._watchers:
            watcher.stop()
        self._zygotes.close()
        for _ in self._watchers:
            self._jobs.put(None)
        for watcher in self._watchers:
            watcher.join()
        while not self._jobs.empty():
            job = self._jobs.get()
            if job is not None and job.future.set_running_or_notify_cancel():
                job.future.set_exception(MediaError(MediaErrorCode.WORKER_DIED))


class _Watcher:
    """A thread with one worker process: hands it jobs one by one and keeps its time."""

    def __init__(self, jobs: queue.SimpleQueue[_Job[Any] | None], limits: Limits, zygotes: Zygotes) -> None:
        self._jobs = jobs
        self._limits = limits
        self._zygotes = zygotes
        self._process: WorkerProcess | None = None
        self._kinds: frozenset[str] = frozenset()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        process = self._process
        if process is not None:
            process.kill()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set() and (job := self._jobs.get()) is not None:
            future = job.future
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._answer(job))
            except MediaError as error:
                future.set_exception(error)
                if error.code is MediaErrorCode.OUT_OF_MEMORY:
                    # What a process half did when its memory ran out is not known.
                    self._replace()
            except OSError:
                # There is no new process to be had.
                self._replace()
                future.set_exception(NoWorker())
            except Exception as error:  # noqa: BLE001 - a mistake of ours: whoever asked shall know, and the thread lives on
                self._replace()
                future.set_exception(error)
        self._replace()

    def _answer(self, job: _Job[T]) -> T:
        kinds = self._kinds if job.kinds is None else job.kinds
        process = self._living(kinds) or self._start(kinds)
        deadline = _Deadline(process, self._limits.wall_s)
        try:
            with deadline:
                wire.write_question(process.questions, job.question, job.untrusted_file)
                return job.read(process.answers)
        except (OSError, EOFError, ValueError, wire.WireError):
            status = self._replace()
        overran = deadline.passed or status == -signal.SIGXCPU
        raise MediaError(MediaErrorCode.TIMED_OUT if overran else MediaErrorCode.WORKER_DIED)

    def _living(self, kinds: frozenset[str]) -> WorkerProcess | None:
        if self._process is not None and (self._process.has_ended() or self._kinds != kinds):
            # It died between two files (out of memory, say): the file that comes next is not to blame.
            self._replace()
        return self._process

    def _start(self, kinds: frozenset[str]) -> WorkerProcess:
        """A worker that is there. Raises `OSError` if none comes up."""
        self._process, self._kinds = self._zygotes.start(kinds), kinds
        if self._stopping.is_set():
            # `stop` came before there was a process to kill.
            self._process.kill()
        return self._process

    def _replace(self) -> int:
        """End the worker; the next job starts a new one. Returns its exit status."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.close()
        return process.wait()


def _each(told: Callable[[Shown], None], answer: Iterable[Shown]) -> Iterator[Shown]:
    for shown in answer:
        told(shown)
        yield shown


class _Deadline:
    """Kills the process when the time is over, and never after the block has ended."""

    def __init__(self, process: WorkerProcess, seconds: float) -> None:
        self.passed = False
        self._process = process
        self._lock = threading.Lock()
        self._ended = False
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def _pass(self) -> None:
        with self._lock:
            if not self._ended:
                self.passed = True
                self._process.kill()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._ended = True
        if self.passed:
            # It may have answered in its last moment, but it is dead now.
            raise EOFError
