"""Videos with holes: what is needed of a file, and that what is fetched of it shows what the whole shows."""

from __future__ import annotations

import io
import struct
from functools import cache
from typing import Any

import av
import numpy as np
import pytest
from clips import index_first, moving, patched, still, video
from hypothesis import given, settings
from hypothesis import strategies as st
from sparse_scene import LIMITS, boxes, large, looked_at, with_blocks, with_needed, without_media

from matcher import BLOCK_BYTES, MediaError, MediaErrorCode, Pieces, fingerprint_bytes
from matcher.files.schedule import schedule_of
from matcher.files.video import needed_blocks
from matcher.pieces import opened

SIZE = 300


@cache
def clip(**options: Any) -> bytes:
    """Six seconds, three scenes."""
    pictures = [image for seed in (1, 2, 3) for image in moving(seed, 2)]
    return video(pictures, **{"crf": "6", "g": "12"} | options)


known = st.lists(
    st.integers(0, SIZE - 1).flatmap(lambda at: st.tuples(st.just(at), st.integers(0, SIZE - at))), max_size=6
)


@given(known, st.integers(0, SIZE + 9), st.integers(0, SIZE + 9))
def test_what_is_read_is_what_is_known_and_zeros(
    places: list[tuple[int, int]], start: int, size: int
) -> None:
    whole = bytes(number % 255 + 1 for number in range(SIZE))
    expected = bytearray(SIZE)
    for at, length in places:
        expected[at : at + length] = whole[at : at + length]
    file = Pieces.of(SIZE, [(at, whole[at : at + length]) for at, length in places])
    assert file.read(start, size) == bytes(expected[start : start + size])
    is_there = np.array([bool(byte) for byte in expected])
    assert file.known_bytes == is_there.sum()
    assert [at for a, b in file.holes for at in range(a, b)] == np.flatnonzero(~is_there).tolist()
    end = min(start + size, SIZE)
    if start < end:
        assert file.has(np.array([start]), np.array([end])).tolist() == [is_there[start:end].all()]
    assert file.whole == (whole if is_there.all() else None)


@given(known, st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.integers(-SIZE, SIZE), st.integers(0, 40))))
def test_a_file_with_holes_is_read_like_any_file(
    places: list[tuple[int, int]], steps: list[tuple[int, int, int]]
) -> None:
    file = Pieces.of(SIZE, [(at, b"x" * length) for at, length in places])
    reader, plain = opened(file), io.BytesIO(file.read(0, SIZE))
    for whence, offset, size in steps:
        place = plain.tell() + offset if whence == 1 else SIZE + offset if whence == 2 else offset
        if place >= 0:
            assert reader.seek(offset, whence) == plain.seek(offset, whence)
        else:
            with pytest.raises(ValueError, match="no place"):
                reader.seek(offset, whence)
        assert reader.read(size) == plain.read(size)
        assert reader.tell() == plain.tell()


@pytest.mark.parametrize("place", [(-1, b"a"), (SIZE, b"a"), (SIZE - 1, b"ab")])
def test_a_piece_outside_of_its_file_is_refused(place: tuple[int, bytes]) -> None:
    with pytest.raises(ValueError, match="outside"):
        Pieces.of(SIZE, [place])


CLIPS = {
    "no B-frames": {"bf": "0"},
    "B-frames": {"bf": "2", "g": "18"},
    "a pyramid of B-frames": {"bf": "6", "b-pyramid": "normal", "preset": "fast", "g": "250"},
    "open groups": {"bf": "3", "x264-params": "open-gop=1:keyint=20:scenecut=0", "preset": "fast"},
    "fragments": {"movflags": "frag_keyframe"},
    "MPEG-4": {"codec": "mpeg4"},
    "VP9": {"codec": "libvpx-vp9", "deadline": "realtime", "cpu-used": "8"},
    "HEVC": {"codec": "libx265", "x265-params": "log-level=none:bframes=3", "preset": "ultrafast"},
}


@pytest.mark.parametrize("name", CLIPS)
def test_a_file_with_all_that_is_needed_shows_what_the_whole_shows(name: str) -> None:
    whole = clip(**CLIPS[name])
    for data in (whole,) if name == "fragments" else (whole, index_first(whole)):
        file = with_needed(data)
        assert needed_blocks(file, LIMITS) == []
        assert looked_at(file) == looked_at(data)


def test_where_key_frames_are_frequent_most_of_a_file_is_not_needed() -> None:
    data = large()
    assert with_needed(data).known_bytes < len(data) / 2


def test_of_nothing_but_the_outline_nothing_is_shown() -> None:
    with pytest.raises(MediaError) as raised:
        fingerprint_bytes(without_media(clip()), LIMITS)
    assert raised.value.code is MediaErrorCode.CORRUPT


def test_a_frame_of_which_one_byte_is_missing_is_not_decoded_and_told() -> None:
    file = with_needed(large())
    [(at, _), *_] = [(at, data) for at, data in file.known if at > len(large()) / 2]
    spoiled = Pieces.of(
        len(large()), [(place, data[place == at :]) for place, data in file.known if place != at]
    )
    shown, all_shown = fingerprint_bytes(spoiled, LIMITS), looked_at(file)
    assert shown.left_out >= 1
    assert set(shown.stills) < set(all_shown.stills)


@pytest.mark.parametrize("share", [4, 2, 1])
def test_the_first_of_what_is_needed_shows_the_whole_length(share: int) -> None:
    data = large()
    outline = without_media(data)
    blocks = needed_blocks(outline, LIMITS)
    shown = fingerprint_bytes(with_blocks(outline, data, blocks[: len(blocks) // share]), LIMITS)
    times = [0, *(still.at for still in shown.stills), 40_000]
    assert max(np.diff(times)) <= 1000 * 2 * share
    assert (shown.left_out == 0) == (share == 1)
    assert len(shown.stills) >= 40 // share - 2


@given(st.integers(1, 70), st.integers(1, 40))
def test_of_what_is_needed_any_beginning_can_be_decoded_and_is_spread(groups: int, length: int) -> None:
    times = [number * 100.0 for number in range(groups * length)]
    schedule = schedule_of(times, [number % length == 0 for number in range(len(times))], False)
    order = schedule.by_importance(1000)
    assert sorted(order) == np.flatnonzero(schedule.needed(1000)).tolist()
    for taken in {1, len(order) // 3, len(order)} - {0}:
        is_there = np.isin(np.arange(len(times)), order[:taken])
        some = schedule_of(times, schedule.is_key.tolist(), False, is_there)
        assert np.array_equal(some.decodable(1000), is_there & schedule.needed(1000))
    if length >= 10:
        for taken in range(1, groups + 1):
            at = np.sort(np.flatnonzero(schedule.is_key).searchsorted(order[:taken]))
            assert max(np.diff([0, *at, groups])) <= 2 * groups / taken


def test_an_index_that_lies_about_key_frames_is_found_out_when_they_are_there() -> None:
    data = large()
    entries = struct.pack(">40I", *(12 * number + 7 for number in range(40)))
    lying = patched(data, b"stss", 8, entries)
    assert fingerprint_bytes(lying, LIMITS).stills == looked_at(data).stills
    blocks = needed_blocks(without_media(lying), LIMITS)
    assert set(needed_blocks(with_needed(lying), LIMITS)) - set(blocks)


def refusal(file: Pieces) -> MediaErrorCode:
    with pytest.raises(MediaError) as raised:
        needed_blocks(file, LIMITS)
    return raised.value.code


def test_what_is_no_video_that_can_have_holes_is_refused() -> None:
    heic = patched(clip(), b"ftyp", 0, b"heic")
    for data in (heic, video(still(1, 1), container="matroska"), b"\x89PNG" + bytes(9000)):
        assert refusal(Pieces.of(len(data), [(0, data[:-1])])) is MediaErrorCode.UNSUPPORTED
        with pytest.raises(MediaError):
            fingerprint_bytes(Pieces.of(len(data), [(0, data[:-1])]), LIMITS)
    assert refusal(Pieces.of(9000, [])) is MediaErrorCode.UNSUPPORTED


def test_which_of_two_videos_in_a_file_is_shown_is_not_guessed() -> None:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        streams = [file.add_stream("mpeg4", rate=12, width=320, height=180) for _ in range(2)]
        for stream in streams:
            file.mux(stream.encode(av.VideoFrame(320, 180, "yuv420p")))
            file.mux(stream.encode(None))
    assert refusal(without_media(out.getvalue())) is MediaErrorCode.UNSUPPORTED


@settings(max_examples=40)
@given(st.data())
def test_a_spoiled_index_is_refused_or_asks_for_what_is_in_the_file(data: st.DataObject) -> None:
    whole = bytearray(index_first(clip()) if data.draw(st.booleans()) else clip())
    [(_, start, end)] = [box for box in boxes(bytes(whole)) if box[0] == b"moov"]
    outline = without_media(bytes(whole))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(start + 8, end - 4))
        whole[at : at + 4] = data.draw(
            st.sampled_from([b"\0\0\0\0", b"\xff\xff\xff\xff"]) | st.binary(min_size=4, max_size=4)
        )
    file = Pieces.of(len(whole), [(at, bytes(whole[at : at + len(part)])) for at, part in outline.known])
    try:
        blocks = needed_blocks(file, LIMITS)
        assert len(set(blocks)) == len(blocks)
        assert all(0 <= block * BLOCK_BYTES < len(whole) for block in blocks)
        fingerprint_bytes(with_blocks(file, bytes(whole), blocks), LIMITS)
    except (MediaError, MemoryError):
        # A packet may claim to be as large as it likes; of the second the worker makes a `MediaError`.
        pass
