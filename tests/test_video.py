"""Videos and animations: which frames are looked at, and what hostile files cost."""

from __future__ import annotations

import dataclasses
import gzip
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from clips import (
    FPS,
    INTRO,
    OTHER,
    SCENE,
    SIZE,
    Encoding,
    animation,
    index_first,
    moving,
    patched,
    sound_only,
    still,
    video,
)
from pictures import encoded, picture
from PIL import Image
from sandbox_scene import PATIENCE_S, answer

from matcher import (
    Limits,
    MediaError,
    MediaErrorCode,
    MediaFingerprint,
    Sandbox,
    StillKind,
    fingerprint_bytes,
)

Code = MediaErrorCode
LIMITS = Limits()
DENSE = Limits(frames_per_s=6)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, LIMITS) as sandbox:
        yield sandbox


def trouble(data: bytes, limits: Limits = LIMITS) -> Code:
    with pytest.raises(MediaError) as caught:
        fingerprint_bytes(data, limits)
    return caught.value.code


def apart(media: MediaFingerprint, image: Image.Image) -> int:
    other = fingerprint_bytes(encoded(image, "PNG"), LIMITS).fingerprint.bits
    return (int.from_bytes(media.fingerprint.bits) ^ int.from_bytes(other)).bit_count()


FORMATS = {
    "mp4": ("mp4", "libx264", "MP4"),
    "mov": ("mov", "libx264", "MP4"),
    "3gp": ("3gp", "mpeg4", "MP4"),
    "hevc": ("mp4", "libx265", "MP4"),
    "webm": ("webm", "libvpx-vp9", "MATROSKA"),
    "webm with VP8": ("webm", "libvpx", "MATROSKA"),
    "webm with AV1": ("webm", "libsvtav1", "MATROSKA"),
    "mkv": ("matroska", "libx264", "MATROSKA"),
    "avi": ("avi", "mpeg4", "AVI"),
    "avi with MJPEG": ("avi", "mjpeg", "AVI"),
    "ts": ("mpegts", "libx264", "MPEGTS"),
    "mpg": ("mpeg", "mpeg2video", "MPEG"),
    "flv": ("flv", "flv", "FLV"),
    "wmv": ("asf", "wmv2", "ASF"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_video_of_every_format_shows_its_frames(name: str) -> None:
    container, codec, format_ = FORMATS[name]
    fps = 25 if codec == "mpeg2video" else FPS
    options: Encoding = {"preset": "12"} if codec == "libsvtav1" else {}
    options |= {"x265-params": "log-level=none", "preset": "ultrafast"} if codec == "libx265" else {}
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    pictures = [*still(INTRO, 1, fps=fps), *still(SCENE, 1, fps=fps)]
    media = fingerprint_bytes(
        video(pictures, fps=fps, container=container, codec=codec, pix_fmt=pix_fmt, **options), LIMITS
    )
    assert media.format == format_
    assert [shown.kind for shown in media.stills] == [StillKind.FRAME] * 2
    assert abs(media.stills[1].at - 1000) <= 300
    assert abs(media.duration_ms - 2000) <= 300
    assert (media.stills[0].width, media.stills[0].height) == SIZE
    assert apart(media, picture(INTRO, SIZE)) <= 20


def test_what_stands_still_is_one_still() -> None:
    media = fingerprint_bytes(video(still(SCENE, 5)), LIMITS)
    [shown] = media.stills
    assert (shown.at, shown.until, shown.samples) == (0, 4000, 5)
    assert media.left_out == 0


def test_a_video_in_the_sandbox_shows_the_same(sandbox: Sandbox) -> None:
    for data in (
        video([*moving(SCENE, 2), *still(INTRO, 1)], has_sound=True),
        video(still(SCENE, 1), container="webm", codec="libvpx-vp9"),
        video(still(SCENE, 1), pix_fmt="yuv420p10le"),
        animation(moving(SCENE, 1), "GIF"),
    ):
        assert sandbox.submit(data).result(PATIENCE_S) == fingerprint_bytes(data, LIMITS)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuv420p10le"])
def test_luma_is_that_of_the_picture_whatever_way_it_is_stored(pix_fmt: str) -> None:
    media = fingerprint_bytes(video(still(SCENE, 0.5), pix_fmt=pix_fmt, crf="10"), LIMITS)
    assert apart(media, picture(SCENE, SIZE)) <= 6
    plain = fingerprint_bytes(encoded(picture(SCENE, SIZE), "PNG"), LIMITS)
    assert media.fingerprint.quality is not None
    assert plain.fingerprint.quality is not None
    assert abs(media.fingerprint.quality - plain.fingerprint.quality) <= 2


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_video_that_lies_on_its_side_is_seen_upright(turn: int) -> None:
    lying = [image.rotate(-turn, expand=True) for image in still(SCENE, 0.5)]
    media = fingerprint_bytes(video(lying, turn=turn), LIMITS)
    assert apart(media, picture(SCENE, SIZE)) <= 12
    assert (media.stills[0].width, media.stills[0].height) == SIZE


def test_a_small_picture_that_changes_within_one_that_stays_is_no_repetition() -> None:
    pages = []
    for seed in (SCENE, OTHER):
        page = picture(INTRO, (640, 360))
        page.paste(picture(seed, (176, 100)), (400, 200))
        pages += [page] * FPS
    assert len(fingerprint_bytes(video(pages), LIMITS).stills) == 2


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx264", {"preset": "medium", "x264-params": "open-gop=1:keyint=24"}),
        ("libx264", {"x264-params": "intra-refresh=1:keyint=24"}),
        ("libx265", {"x265-params": "open-gop=1:keyint=24:log-level=none"}),
    ],
    ids=["open groups", "refreshed piece by piece", "open groups, HEVC"],
)
def test_every_second_is_seen_where_key_frames_lean_on_others(codec: str, options: Encoding) -> None:
    pictures = moving(1, fps=24) + moving(2, fps=24)
    media = fingerprint_bytes(video(pictures, fps=24, codec=codec, **options), LIMITS)
    assert (media.left_out, sum(still.samples for still in media.stills)) == (0, 6)
    for shown in media.stills:
        assert apart(dataclasses.replace(media, stills=(shown,)), pictures[round(shown.at * 24 / 1000)]) <= 12


def test_flat_frames_are_looked_at_and_show_nothing() -> None:
    black = [Image.new("RGB", SIZE)] * 2 * FPS
    media = fingerprint_bytes(video([*black, *still(SCENE, 1)]), LIMITS)
    assert [shown.at for shown in media.stills] == [2000]
    assert media.left_out == 0
    assert trouble(video(black)) is Code.FLAT


def test_more_frames_are_looked_at_where_it_is_asked_for() -> None:
    data = video(moving(SCENE, 3))
    few, many = fingerprint_bytes(data, LIMITS), fingerprint_bytes(data, DENSE)
    assert sum(shown.samples for shown in few.stills) == 3
    assert sum(shown.samples for shown in many.stills) == 18
    assert len(many.frames) > len(few.frames)


def test_sound_alone_is_not_supported() -> None:
    assert trouble(sound_only()) is Code.UNSUPPORTED


def test_a_video_that_is_cut_off_shows_what_is_there_and_tells_that_more_was() -> None:
    pictures = [image for seed in range(20, 30) for image in still(seed, 1)]
    for container in ("mp4", "matroska", "mpegts"):
        data = video(pictures, container=container)
        data = index_first(data) if container == "mp4" else data
        media = fingerprint_bytes(data[: len(data) * 6 // 10], LIMITS)
        assert 3 <= len(media.stills) <= 8
        # A stream like those that are broadcast does not say how long it is.
        assert container == "mpegts" or media.left_out >= 2
    assert trouble(data[:300]) in {Code.CORRUPT, Code.UNSUPPORTED}


def test_a_video_whose_index_is_cut_off_is_corrupt() -> None:
    data = video(still(SCENE, 1))
    assert data.index(b"mdat") < data.index(b"moov")
    assert trouble(data[: data.index(b"moov")]) is Code.CORRUPT


@pytest.mark.parametrize(
    "head", [b"\0\0\0\x20ftypisom", b"\x1a\x45\xdf\xa3", b"RIFF\0\0\0\0AVI ", b"FLV\x01"]
)
def test_what_only_begins_like_a_video_is_corrupt(head: bytes) -> None:
    random = np.random.default_rng(1)
    assert trouble(head + random.bytes(5000)) in {Code.CORRUPT, Code.UNSUPPORTED}


LIARS = {
    # Where each box's field is: ISO/IEC 14496-12.
    "a billion frames": ("stsz", 8, struct.pack(">I", 1_000_000_000)),
    "a billion frames of one size": ("stsz", 4, struct.pack(">II", 1, 1_000_000_000)),
    "a billion frames at once": ("stts", 8, struct.pack(">I", 1_000_000_000)),
    "frames that last no time": ("stts", 12, struct.pack(">I", 0)),
    "frames that last for days": ("stts", 12, struct.pack(">I", 0x7FFFFFFF)),
    "frames that go back in time": ("stts", 12, struct.pack(">i", -1000)),
    "no units in a second": ("mdhd", 12, struct.pack(">I", 0)),
    "an endless length": ("mdhd", 16, struct.pack(">I", 0xFFFFFFFE)),
    "huge pictures": ("avc1", 24, struct.pack(">HH", 65_000, 65_000)),
}


@pytest.mark.parametrize("name", LIARS)
def test_a_header_that_lies_stops_nothing(sandbox: Sandbox, name: str) -> None:
    box, offset, value = LIARS[name]
    data = patched(video([*still(SCENE, 2), *still(INTRO, 1)]), box.encode(), offset, value)
    media = answer(sandbox.submit(data))
    assert media is not Code.WORKER_DIED
    assert isinstance(media, Code) or 1 <= len(media.stills) <= 4


@pytest.mark.parametrize(
    "name", ["frames that last no time", "frames that last for days", "no units in a second"]
)
def test_frames_without_sensible_times_are_looked_at_all_the_same(name: str) -> None:
    box, offset, value = LIARS[name]
    data = patched(video([*still(SCENE, 5), *still(INTRO, 5)]), box.encode(), offset, value)
    assert len(fingerprint_bytes(data, LIMITS).stills) >= 2


def test_pictures_of_several_sizes_in_one_video_are_looked_at() -> None:
    small = video(still(SCENE, 1), container="mpegts")
    large = video([picture(INTRO, (640, 480))] * FPS, container="mpegts")
    media = fingerprint_bytes(small + large, LIMITS)
    assert {(shown.width, shown.height) for shown in media.stills} >= {SIZE, (640, 480)}


def test_a_size_beyond_the_limits_is_never_decoded() -> None:
    limits = dataclasses.replace(LIMITS, max_pixels=SIZE[0] * SIZE[1])
    small = video(still(SCENE, 1), container="mpegts")
    large = video([picture(INTRO, (640, 480))] * FPS, container="mpegts")
    assert trouble(large, limits) is Code.TOO_LARGE
    assert {(shown.width, shown.height) for shown in fingerprint_bytes(small + large, limits).stills} == {
        SIZE
    }


def test_stills_are_no_more_than_the_limit_and_the_rest_is_told() -> None:
    data = video([image for seed in range(20, 32) for image in still(seed, 0.5)], g="6")
    limits = dataclasses.replace(LIMITS, max_stills=4, frames_per_s=2)
    media = fingerprint_bytes(data, limits)
    assert len(media.stills) == 4
    assert media.stills[-1].at > 1000
    [only] = fingerprint_bytes(data, dataclasses.replace(LIMITS, max_stills=1)).stills
    assert only.at == 0


def test_of_a_long_video_fewer_frames_are_looked_at() -> None:
    pictures = [picture(seed, (64, 64)) for seed in range(12)] * 10
    media = fingerprint_bytes(video(pictures, fps=1), dataclasses.replace(LIMITS, max_stills=30))
    assert 15 <= len(media.stills) <= 30
    assert media.stills[-1].at > 90_000


def test_what_there_was_no_time_for_is_told() -> None:
    data = video([image for seed in range(20, 30) for image in still(seed, 1)])
    media = fingerprint_bytes(data, dataclasses.replace(LIMITS, cpu_s=0))
    assert media.left_out + sum(shown.samples for shown in media.stills) >= 10


def test_damaged_videos_stop_nothing(sandbox: Sandbox) -> None:
    random = np.random.default_rng(4)
    for container, codec in (("mp4", "libx264"), ("webm", "libvpx"), ("avi", "mpeg4"), ("mpegts", "libx264")):
        data = video(moving(SCENE, 1), container=container, codec=codec)
        for _ in range(15):
            damaged = bytearray(data)
            for place in random.integers(0, len(data), random.integers(1, 30)):
                damaged[place] = random.integers(0, 256)
            assert answer(sandbox.submit(bytes(damaged))) is not Code.WORKER_DIED


def test_a_sticker_made_of_shapes_is_told_apart_from_rubbish() -> None:
    lottie = b'{"tgs":1,"v":"5.5.2","fr":60,"ip":0,"op":180,"w":512,"h":512,"layers":[]}'
    assert trouble(gzip.compress(lottie)) is Code.VECTOR
    assert trouble(gzip.compress(b"something else")) is Code.UNREAD_ARCHIVE
    assert trouble(b"\x1f\x8bbroken") is Code.UNSUPPORTED


def test_an_animation_that_is_cut_off_shows_what_is_there() -> None:
    data = animation([*still(INTRO, 0.5), *moving(SCENE, 1)], "GIF")
    media = fingerprint_bytes(data[: len(data) * 8 // 10], LIMITS)
    assert media.stills[0].kind is StillKind.FRAME
    assert 500 < media.duration_ms < 1400
    assert media.left_out == 1
