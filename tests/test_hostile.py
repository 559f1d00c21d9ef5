"""Files that were made to do harm: each costs itself, and neither this process nor the files after it."""

from __future__ import annotations

import dataclasses
import os
import socket
import struct
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from crafted import (
    FIRST,
    SECOND,
    THIRD,
    crowded_directory,
    endless_pdf,
    gif_bomb,
    jpeg_bomb,
    kernel_bomb,
    pdf_image_bomb,
    png,
    progressive_bomb,
    tiff_bomb,
    webp_bomb,
    zip_bomb,
    zipped,
)
from pictures import encoded
from PIL import Image
from sandbox_scene import GOOD, LIMITS, answer, worker

from matcher import LeftOut, MediaErrorCode, MediaFingerprint, Sandbox, Shown, Still, StillKind
from matcher.sandbox import wire

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of processes are tested on Linux")

Code = MediaErrorCode
SHORT = dataclasses.replace(LIMITS, cpu_s=1, wall_s=10)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, LIMITS) as sandbox:
        yield sandbox


BOMBS: dict[str, Callable[[], bytes]] = {
    "png": lambda: png(60_000, 60_000, zlib.compress(b"\0" * 1_000_000)),
    "png within the limits": lambda: png(10_000, 10_000, zlib.compress(bytes(30_001 * 10_000), 1)),
    "jpeg": jpeg_bomb,
    "gif": gif_bomb,
    "webp": webp_bomb,
    "bmp": lambda: (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0)
    ),
    "tiff": tiff_bomb,
    "zip": lambda: zip_bomb(1),
    "zip in zip": lambda: zip_bomb(2),
    "zip in zip in zip": lambda: zip_bomb(3),
    "zip of overlapping entries": lambda: kernel_bomb(2000),
    "zip with a crowded directory": crowded_directory,
    "pdf": pdf_image_bomb,
}


def resident_kib() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


@pytest.mark.parametrize("name", BOMBS)
def test_a_decompression_bomb_costs_one_file_and_this_process_no_memory(sandbox: Sandbox, name: str) -> None:
    bomb = BOMBS[name]()
    answer(sandbox.submit(GOOD))
    before = resident_kib()
    assert isinstance(answer(sandbox.submit(bomb)), Code)
    assert resident_kib() - before < 30_000
    assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)


@pytest.mark.parametrize("name", ["jpeg", "pdf"])
def test_a_file_that_hangs_its_decoder_is_stopped(name: str) -> None:
    data = progressive_bomb(20_000) if name == "jpeg" else endless_pdf()
    with Sandbox(1, SHORT) as sandbox:
        assert answer(sandbox.submit(data)) is Code.TIMED_OUT
        assert isinstance(answer(sandbox.submit(GOOD)), MediaFingerprint)


def test_an_archive_that_takes_too_long_is_answered_with_what_it_showed_until_then() -> None:
    slow = encoded(Image.new("L", (6000, 4000)), "PNG")
    with Sandbox(1, SHORT) as sandbox:
        media = answer(sandbox.submit(zipped(FIRST, *[slow] * 60, SECOND)))
    assert isinstance(media, MediaFingerprint)
    assert [still.at for still in media.stills] == [1]
    assert media.left_out > 1


def test_what_is_hidden_behind_a_picture_takes_memory_and_not_the_picture() -> None:
    limits = dataclasses.replace(LIMITS, memory_bytes=320 << 20, max_bytes=30 << 20)
    with Sandbox(1, limits) as sandbox:
        media = answer(sandbox.submit(FIRST + crowded_directory()))
    assert isinstance(media, MediaFingerprint)
    assert (len(media.stills), media.left_out) == (1, 1)


def test_a_worker_that_is_killed_while_it_tells_has_told_what_it_told(sandbox: Sandbox) -> None:
    told: list[Shown] = []

    def tell(shown: Shown) -> None:
        told.append(shown)
        if len(told) == 3:
            worker(sandbox).kill()

    answer(sandbox.submit(GOOD))
    slow = encoded(Image.new("L", (6000, 4000)), "PNG")
    data = zipped(FIRST, SECOND, slow, slow, THIRD)
    assert answer(sandbox.submit(data, tell)) is Code.WORKER_DIED
    assert [shown.at for shown in told if isinstance(shown, Still)] == [1, 2]
    media = answer(sandbox.submit(zipped(FIRST, SECOND)))
    assert isinstance(media, MediaFingerprint)
    assert media.stills == tuple(told[1:])


def test_a_file_may_claim_to_leave_out_more_than_can_be_told() -> None:
    message = wire.pack(LeftOut(2**40))
    head = wire.pack(Still(StillKind.PAGE, 1, 1, ()))
    assert len(message) < len(head)


ATTACKS = {
    "a file": "open('/etc/hostname')",
    "a folder": "os.listdir('/')",
    "the memory of its parent": "open(f'/proc/{os.getppid()}/mem', 'rb')",
    "a connection": "socket.create_connection(('127.0.0.1', int(sys.argv[1])))",
    "a signal": "os.kill(os.getppid(), 0)",
    "a program": "os.execv(sys.executable, [sys.executable, '-c', ''])",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_whoever_takes_a_worker_over_reaches_nothing(attack: str) -> None:
    program = textwrap.dedent(
        f"""
        import os, socket, sys
        from matcher.sandbox.landlock import forbid_everything
        version = forbid_everything()
        try:
            {ATTACKS[attack]}
        except PermissionError:
            print("refused")
        else:
            print("allowed by version", version)
        """
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, "-c", program, port], capture_output=True, text=True, check=True
        )
    if ran.stdout.startswith("allowed by version") and int(ran.stdout.split()[-1]) < 6:
        pytest.skip("this kernel's Landlock cannot forbid it")
    assert ran.stdout == "refused\n"


def test_a_worker_may_gain_no_rights_and_is_kept_from_files(sandbox: Sandbox) -> None:
    answer(sandbox.submit(GOOD))
    status = Path(f"/proc/{worker(sandbox).pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status


@pytest.mark.parametrize("size", [(1, 65_535), (20_000, 1), (72, 65_280)])
def test_a_picture_that_is_a_thread_is_looked_at_or_flat(sandbox: Sandbox, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, size[::-1], dtype=np.uint8)
    looked_at = answer(sandbox.submit(encoded(Image.fromarray(noise), "PNG", compress_level=1)))
    assert looked_at is Code.FLAT or isinstance(looked_at, MediaFingerprint)
