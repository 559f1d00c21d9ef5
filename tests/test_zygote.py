"""What workers are forked from: loaded once, and nothing is lost when it or a worker dies."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_scene import GOOD, LIMITS, PATIENCE_S, answer, slow_picture, worker

from matcher import MediaFingerprint, Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at on Linux")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, LIMITS) as sandbox:
        yield sandbox


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])


def test_a_worker_that_died_is_forked_anew_from_what_was_loaded_once(sandbox: Sandbox) -> None:
    answer(sandbox.submit(GOOD))
    first = worker(sandbox)
    first.kill()
    first.wait()
    answer(sandbox.submit(GOOD))
    second = worker(sandbox)
    assert second is not first
    assert parent(second.pid) == sandbox._zygotes._zygotes[-1]._process.pid


def test_what_workers_are_forked_from_may_die_as_well(sandbox: Sandbox) -> None:
    answer(sandbox.submit(GOOD))
    os.kill(parent(worker(sandbox).pid), signal.SIGKILL)
    worker(sandbox).answers.read()
    assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)


def test_an_interrupt_from_the_keyboard_ends_no_worker(sandbox: Sandbox) -> None:
    answer(sandbox.submit(GOOD))
    first = worker(sandbox)
    for pid in (parent(first.pid), first.pid):
        os.kill(pid, signal.SIGINT)
    assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)
    assert worker(sandbox) is first


def test_a_file_in_hand_is_not_lost_when_the_kinds_change() -> None:
    with Sandbox(2, LIMITS) as sandbox:
        slow = sandbox.submit(slow_picture())
        other = answer(sandbox.submit(GOOD, kinds=frozenset({"phash"})))
        assert isinstance(other, MediaFingerprint)
        assert isinstance(answer(slow), MediaFingerprint)


def test_what_forked_for_other_kinds_ends_with_its_workers(sandbox: Sandbox) -> None:
    answer(sandbox.submit(GOOD))
    before = sandbox._zygotes._zygotes[-1]
    answer(sandbox.submit(GOOD, kinds=frozenset({"phash"})))
    assert before._process.wait(PATIENCE_S) == 0
