"""The sandbox: a hostile or broken file costs that one file, and its worker knows and can do nothing."""

from __future__ import annotations

import dataclasses
import io
import os
import select
import signal
import struct
import subprocess
import sys
import textwrap
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from clips import moving, video
from crafted import png
from pictures import encoded, picture
from sandbox_scene import GOOD, LIMITS, PATIENCE_S, answer, slow_picture, stop, wait_until_asked, worker
from sparse_scene import with_blocks, without_media

from matcher import (
    BLOCK_BYTES,
    Head,
    LeftOut,
    MediaError,
    MediaErrorCode,
    MediaFingerprint,
    NoWorker,
    Pieces,
    Sandbox,
    Shown,
    StillKind,
    collect,
    fingerprint_bytes,
)
from matcher.files.video import needed_blocks
from matcher.sandbox import wire

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of processes are tested on Linux")

Code = MediaErrorCode


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, LIMITS) as sandbox:
        yield sandbox


def test_a_fingerprint_is_the_same_as_without_sandbox(sandbox: Sandbox) -> None:
    assert answer(sandbox.submit(GOOD)) == fingerprint_bytes(GOOD, LIMITS)


def test_many_files_from_many_threads_each_get_their_own_answer() -> None:
    files = [encoded(picture(seed, (160, 120)), "JPEG") for seed in range(24)]
    files[5] = b"no picture"
    expected: list[MediaFingerprint | Code] = [
        Code.UNSUPPORTED if number == 5 else fingerprint_bytes(data, LIMITS)
        for number, data in enumerate(files)
    ]
    with Sandbox(2, LIMITS) as sandbox, ThreadPoolExecutor(6) as threads:
        assert list(threads.map(lambda data: answer(sandbox.submit(data)), files)) == expected


def test_a_worker_that_is_killed_while_it_waits_costs_no_file(sandbox: Sandbox) -> None:
    answer(sandbox.submit(GOOD))
    worker(sandbox).kill()
    worker(sandbox).wait()
    assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)


def test_a_worker_that_dies_costs_the_file_it_had_and_no_other(sandbox: Sandbox) -> None:
    answer(sandbox.submit(GOOD))
    stop(worker(sandbox))
    died, after = sandbox.submit(GOOD), sandbox.submit(GOOD)
    wait_until_asked(worker(sandbox))
    worker(sandbox).kill()
    assert answer(died) is Code.WORKER_DIED
    assert isinstance(answer(after), MediaFingerprint)


def test_a_mistake_of_ours_reaches_whoever_asked_and_the_next_file_is_looked_at(sandbox: Sandbox) -> None:
    def shown(_: Shown) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sandbox.submit(GOOD, shown).result(PATIENCE_S)
    assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)


def test_a_worker_that_hangs_is_replaced_at_the_deadline() -> None:
    with Sandbox(1, dataclasses.replace(LIMITS, wall_s=1)) as sandbox:
        answer(sandbox.submit(GOOD))
        stopped = worker(sandbox)
        stop(stopped)
        assert answer(sandbox.submit(GOOD)) is Code.TIMED_OUT
        assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)
        assert stopped.returncode == -signal.SIGKILL


def test_a_file_that_needs_too_much_memory_is_told_and_the_next_one_works() -> None:
    with Sandbox(1, dataclasses.replace(LIMITS, memory_bytes=600 << 20)) as sandbox:
        bomb = png(9_000, 9_000, zlib.compress(b"\0" * (27_001 * 9_000), 1))
        assert answer(sandbox.submit(bomb)) in {Code.OUT_OF_MEMORY, Code.WORKER_DIED, Code.CORRUPT}
        assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)


def test_files_that_are_too_large_reach_no_worker() -> None:
    with Sandbox(1, dataclasses.replace(LIMITS, max_bytes=10)) as sandbox:
        assert answer(sandbox.submit(GOOD)) is Code.TOO_LARGE
        assert sandbox._watchers[0]._process is None


def test_damaged_files_of_every_format_stop_nothing(sandbox: Sandbox) -> None:
    random = np.random.default_rng(3)
    futures = []
    for format_ in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"):
        data = encoded(picture(9, (96, 72)), format_)
        for _ in range(60):
            damaged = bytearray(data)
            for place in random.integers(0, len(data), random.integers(1, 12)):
                damaged[place] = random.integers(0, 256)
            futures.append(sandbox.submit(bytes(damaged)))
    for future in futures:
        assert answer(future) is not Code.WORKER_DIED
    assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)


def test_a_worker_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIKIMI_TELEGRAM__TOKEN", "1:secret")
    with Sandbox(1, LIMITS) as sandbox:
        answer(sandbox.submit(GOOD))
        environment = Path(f"/proc/{worker(sandbox).pid}/environ").read_bytes()
    assert b"PATH" in environment
    assert b"secret" not in environment


def test_a_worker_has_nothing_open_but_its_three_streams_and_may_open_nothing(sandbox: Sandbox) -> None:
    answer(sandbox.submit(GOOD))
    process = Path(f"/proc/{worker(sandbox).pid}")
    assert {entry.name for entry in (process / "fd").iterdir()} == {"0", "1", "2"}
    limits = (process / "limits").read_text()
    assert [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files")] == [
        ["3", "3"]
    ]
    assert [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max file size")] == [
        ["0", "0"]
    ]


def test_workers_die_with_the_process_that_started_them() -> None:
    program = textwrap.dedent(
        """
        import sys
        from matcher import Limits, Sandbox
        sandbox = Sandbox(1, Limits())
        sandbox.submit(b"no picture").exception()
        print(sandbox._watchers[0]._process.pid, flush=True)
        sys.stdin.read()
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdin is not None
    child = int(parent.stdout.readline())
    watched = os.pidfd_open(child)
    parent.kill()
    parent.communicate()
    # Readable once the process has ended.
    assert select.select([watched], [], [], PATIENCE_S)[0] == [watched]
    os.close(watched)


def test_closing_answers_what_waits_and_leaves_no_process_and_no_thread() -> None:
    before = set(threading.enumerate())
    sandbox = Sandbox(1, LIMITS)
    answer(sandbox.submit(GOOD))
    process = worker(sandbox)
    stop(process)
    waiting = [sandbox.submit(GOOD) for _ in range(3)]
    sandbox.close()
    assert [answer(future) for future in waiting] == [Code.WORKER_DIED] * 3
    assert process.returncode == -signal.SIGKILL
    # The timer of a deadline that was kept may take a moment to end.
    assert {thread for thread in threading.enumerate() if thread.name == "sandbox"} <= before
    with pytest.raises(RuntimeError, match="closed"):
        sandbox.submit(GOOD)


def test_the_kinds_that_are_wanted_are_hashed_and_no_others(sandbox: Sandbox) -> None:
    for kinds in (frozenset[str](), frozenset({"phash", "dhash"}), frozenset({"phash256"}), frozenset[str]()):
        media = answer(sandbox.submit(GOOD, kinds=kinds))
        assert media == fingerprint_bytes(GOOD, LIMITS, sorted(kinds))
        assert isinstance(media, MediaFingerprint)
        assert {view.kind for view in media.stills[0].views} == {"pdq", *kinds}


def test_a_worker_that_knows_its_kinds_serves_many_files(sandbox: Sandbox) -> None:
    answer(sandbox.submit(GOOD, kinds=frozenset({"phash"})))
    first = worker(sandbox)
    answer(sandbox.submit(GOOD, kinds=frozenset({"phash"})))
    assert worker(sandbox) is first


def test_where_no_worker_can_be_started_that_is_told_and_no_reason_to_die_later(sandbox: Sandbox) -> None:
    with pytest.raises(NoWorker):
        sandbox.submit(GOOD, kinds=frozenset({"whash"})).result(PATIENCE_S)
    assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)


def test_a_file_that_nobody_waits_for_any_more_is_not_decoded(sandbox: Sandbox) -> None:
    slow = sandbox.submit(slow_picture())
    cancelled = sandbox.submit(GOOD)
    assert cancelled.cancel()
    assert isinstance(answer(slow), MediaFingerprint)
    assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)


def test_what_is_needed_of_a_video_is_told_whatever_kinds_a_worker_hashes_by(sandbox: Sandbox) -> None:
    data = video([image for seed in (1, 2) for image in moving(seed, 1)])
    outline = without_media(data)
    blocks = needed_blocks(outline, LIMITS)
    assert blocks
    assert sandbox.needed(outline).result(PATIENCE_S) == blocks
    for kinds in (frozenset({"phash"}), frozenset[str]()):
        file = with_blocks(outline, data, blocks)
        assert answer(sandbox.submit(file, kinds=kinds)) == fingerprint_bytes(data, LIMITS, sorted(kinds))
        first = worker(sandbox)
        assert sandbox.needed(file).result(PATIENCE_S) == []
        assert worker(sandbox) is first


def test_what_is_needed_of_no_video_is_refused_and_the_next_file_works(sandbox: Sandbox) -> None:
    for file in (Pieces.of(1 << 40, [(0, b"no video")]), Pieces.of(1 << 40, [(0, b"\0\0\0\x10ftypmp42")])):
        assert isinstance(sandbox.needed(file).exception(PATIENCE_S), MediaError)
    assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)
    assert isinstance(sandbox.needed(Pieces.of(99 << 20, [(0, bytes(21 << 20))])).exception(), MediaError)


HEAD = struct.pack(">BBI", wire.HEAD, 0, 0)
END = struct.pack(">BI", wire.END, 0)
VIEW = bytes([0, 0, 90, 0, 100]) + bytes(32)


def still(
    views: int = 1, width: int = 10, height: int = 10, samples: int = 1, kind: int = 0, copies: int = 0
) -> bytes:
    return struct.pack(">BBIIIIHHH", wire.STILL, kind, width, height, 0, 0, samples, views, copies)


def copy(width: int = 10, height: int = 10, number: int = 0, telling: int = 0) -> bytes:
    return struct.pack(">IIII?", width, height, number, telling, False)


@pytest.mark.parametrize(
    "untrusted",
    [
        pytest.param(still(views=0), id="no views"),
        pytest.param(still(views=60_000), id="too many views"),
        pytest.param(still(width=2**32 - 1, height=2**32 - 1) + VIEW, id="impossible sides"),
        pytest.param(still(width=0) + VIEW, id="no width"),
        pytest.param(still(samples=0) + VIEW, id="no samples"),
        pytest.param(still(kind=99) + VIEW, id="unknown kind of still"),
        pytest.param(struct.pack(">BBI", wire.HEAD, 99, 0), id="unknown format"),
        pytest.param(struct.pack(">BB", wire.ERROR, 99), id="unknown error"),
        pytest.param(struct.pack(">BB", wire.ERROR, 0), id="an error that is none"),
        pytest.param(b"\x63", id="unknown message"),
        pytest.param(still(copies=4) + VIEW + 4 * copy(), id="too many copies"),
        pytest.param(still(copies=1) + VIEW + copy(number=4001) + bytes(4001 * 70), id="too many features"),
        pytest.param(
            still(copies=1) + VIEW + copy(telling=1), id="more features that tell something than there are"
        ),
        pytest.param(still(copies=1) + VIEW + copy(width=0), id="a copy without width"),
        pytest.param(still(copies=1) + VIEW + copy(width=2**32 - 1), id="impossible sides of a copy"),
        pytest.param(
            still(copies=1) + VIEW + copy(width=20, number=1) + struct.pack(">HH", 9, 32_769) + bytes(66),
            id="a local feature outside of its picture",
        ),
        pytest.param(still() + b"\xfa" + VIEW[1:], id="unknown view"),
        pytest.param(still() + b"\0\x63" + VIEW[2:], id="unknown orientation"),
        pytest.param(still() + b"\0\0\x65" + VIEW[3:], id="quality over 100"),
        pytest.param(still() + b"\0\0\x5a\x63" + VIEW[4:], id="unknown kind of hash"),
        pytest.param(still() + b"\0\0\x5a\0\x65" + VIEW[5:], id="spread over 100"),
        pytest.param(still() + b"\0\0\x5a\1\0" + bytes(31) + b"\1", id="a hash longer than its kind"),
        pytest.param((still() + VIEW) * (LIMITS.max_stills + 1), id="too many stills"),
    ],
)
def test_an_answer_that_no_honest_worker_gives_is_refused(untrusted: bytes) -> None:
    with pytest.raises(wire.WireError):
        list(wire.read_answer(io.BytesIO(HEAD + untrusted), LIMITS))


@pytest.mark.parametrize(
    "untrusted",
    [
        pytest.param(struct.pack(">BI", wire.BLOCKS, 4) + bytes(16), id="more than there are"),
        pytest.param(struct.pack(">BIII", wire.BLOCKS, 2, 0, 3), id="one outside of the file"),
        pytest.param(HEAD, id="another answer"),
        pytest.param(struct.pack(">BB", wire.ERROR, 99), id="unknown error"),
    ],
)
def test_blocks_that_no_honest_worker_asks_for_are_refused(untrusted: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.read_blocks(io.BytesIO(untrusted), 2 * BLOCK_BYTES + 1)


def test_blocks_are_read_back() -> None:
    assert wire.read_blocks(io.BytesIO(wire.pack_blocks([2, 0])), 2 * BLOCK_BYTES + 1) == [2, 0]
    with pytest.raises(EOFError):
        wire.read_blocks(io.BytesIO(wire.pack_blocks([2, 0])[:-1]), 3 * BLOCK_BYTES)
    with pytest.raises(MediaError):
        wire.read_blocks(io.BytesIO(wire.pack_error(Code.CORRUPT)), 3 * BLOCK_BYTES)


@pytest.mark.parametrize(
    "untrusted",
    [
        pytest.param(HEAD + END, id="nothing shown"),
        pytest.param(still() + VIEW + END, id="no head"),
        pytest.param(HEAD + HEAD + still() + VIEW + END, id="two heads"),
        pytest.param(END, id="nothing"),
    ],
)
def test_messages_out_of_order_make_no_fingerprint(untrusted: bytes) -> None:
    with pytest.raises(ValueError, match="head"):
        collect(wire.read_answer(io.BytesIO(untrusted), LIMITS))


def packed(media: MediaFingerprint) -> bytes:
    shown: list[Shown] = [Head(media.format, media.duration_ms), *media.stills, LeftOut(media.left_out)]
    return b"".join(map(wire.pack, shown))


@pytest.mark.parametrize("kept", [0, 5, len(HEAD), len(HEAD) + 10, -1])
def test_an_answer_that_breaks_off_is_no_answer(kept: int) -> None:
    whole = packed(fingerprint_bytes(GOOD, LIMITS))
    with pytest.raises(EOFError):
        list(wire.read_answer(io.BytesIO(whole[:kept]), LIMITS))


def test_what_is_packed_is_read_back() -> None:
    [picture_] = fingerprint_bytes(GOOD, LIMITS).stills
    frame = dataclasses.replace(picture_, kind=StillKind.FRAME, at=70_000, until=80_000, samples=9)
    media = MediaFingerprint("GIF", (picture_, frame), duration_ms=90_000, left_out=7)
    assert collect(wire.read_answer(io.BytesIO(packed(media)), LIMITS)) == media
    for code in Code:
        with pytest.raises(MediaError) as raised:
            list(wire.read_answer(io.BytesIO(wire.pack_error(code)), LIMITS))
        assert raised.value.code is code


def test_what_a_file_shows_is_told_before_its_end(sandbox: Sandbox) -> None:
    told: list[Shown] = []
    media = sandbox.submit(GOOD, told.append).result(PATIENCE_S)
    assert told == [Head(media.format), *media.stills, LeftOut(0)]
