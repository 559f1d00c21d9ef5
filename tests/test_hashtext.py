"""Hash text: what people paste is read forgivingly, and what is wrong with it is told apart."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import (
    MAX_FRAMES,
    MAX_LINES,
    PDQ,
    Fingerprint,
    HashTextError,
    VideoFingerprint,
    format_hash,
    format_video,
    parse_hash_line,
    parse_hashes,
    parse_video,
)
from matcher import HashTextReason as Reason


def bits_of(positions: list[int]) -> bytes:
    return sum(1 << position for position in positions).to_bytes(32)


bits = st.integers(0).map(lambda seed: bits_of(Random(seed).sample(range(256), 128)))
qualities = st.integers(50, 100)
HEX = bits_of(Random(5).sample(range(256), 128)).hex()
LINE = format_hash(Fingerprint(PDQ, bytes.fromhex(HEX), 77))


@given(bits, qualities)
def test_what_is_written_is_read_back(bits: bytes, quality: int) -> None:
    fingerprint = Fingerprint(PDQ, bits, quality)
    read = parse_hash_line(format_hash(fingerprint))
    assert (read, read.quality) == (fingerprint, quality)


@given(bits, qualities, st.data())
def test_a_mistyped_line_is_never_read_as_another_hash(
    bits: bytes, quality: int, data: st.DataObject
) -> None:
    line = format_hash(Fingerprint(PDQ, bits, quality))
    place = data.draw(st.integers(0, len(line) - 1))
    typed = data.draw(st.sampled_from("0123456789abcdef:PDQ xyz"))
    try:
        read = parse_hash_line(line[:place] + typed + line[place + 1 :])
    except HashTextError:
        return
    assert read.bits == bits


@given(st.text(max_size=200))
def test_any_text_is_read_or_explained(text: str) -> None:
    with suppress(HashTextError):
        assert len(parse_hash_line(text).bits) == 32


@pytest.mark.parametrize(
    "line",
    [
        HEX,
        HEX.upper(),
        f"  {HEX}\n",
        f"pdq {HEX}",
        f"PDQ {HEX}",
        LINE,
        LINE.replace("PDQ1", "pdq1"),
        LINE.upper(),
    ],
)
def test_every_form_of_a_hash_is_read(line: str) -> None:
    assert parse_hash_line(line).hex == HEX


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", Reason.EMPTY),
        ("pdq ", Reason.EMPTY),
        (HEX[:-1] + "g", Reason.NOT_HEX),
        ("안녕하세요", Reason.NOT_HEX),
        (HEX[:-1], Reason.WRONG_LENGTH),
        (HEX + "0", Reason.WRONG_LENGTH),
        ("f" * 64, Reason.NOT_A_FINGERPRINT),
        ("0" * 64, Reason.NOT_A_FINGERPRINT),
        (format_hash(Fingerprint(PDQ, bytes.fromhex(HEX), 49)), Reason.LOW_QUALITY),
        (LINE[:-4] + "zzzz", Reason.WRONG_CHECKSUM),
        (LINE.replace(":77:", ":78:"), Reason.WRONG_CHECKSUM),
        (LINE.replace(":77:", ":101:"), Reason.UNKNOWN_FORMAT),
        (LINE.replace(":77:", ":-1:"), Reason.UNKNOWN_FORMAT),
        (LINE.replace("PDQ1", "PDQ2"), Reason.UNKNOWN_FORMAT),
        (f"PDQ1:{HEX}:77", Reason.UNKNOWN_FORMAT),
    ],
)
def test_what_is_wrong_is_told_apart(line: str, reason: Reason) -> None:
    with pytest.raises(HashTextError) as raised:
        parse_hash_line(line)
    assert raised.value.reason is reason


def test_a_wrong_length_is_told_with_the_length() -> None:
    with pytest.raises(HashTextError) as raised:
        parse_hash_line(HEX[:60])
    assert raised.value.length == 60


def test_no_error_repeats_what_was_pasted() -> None:
    with pytest.raises(HashTextError) as raised:
        parse_hash_line(HEX[:-1])
    assert HEX[:8] not in f"{raised.value!r} {raised.value}"


def test_several_hashes_are_numbered_and_judged_one_by_one() -> None:
    read = parse_hashes(f"{LINE}\n{HEX[:-1]}, pdq {HEX}; {HEX}")
    assert [number for number, _ in read] == [1, 2, 3, 4]
    assert [type(result) for _, result in read] == [Fingerprint, HashTextError, Fingerprint, Fingerprint]


def test_too_many_lines_are_one_error() -> None:
    assert len(parse_hashes("\n".join([HEX] * MAX_LINES))) == MAX_LINES
    with pytest.raises(HashTextError) as raised:
        parse_hashes("\n".join([HEX] * (MAX_LINES + 1)))
    assert (raised.value.reason, raised.value.length) == (Reason.TOO_MANY, MAX_LINES + 1)


def test_a_hash_without_quality_has_no_line_of_ours() -> None:
    with pytest.raises(ValueError, match="quality"):
        format_hash(Fingerprint(PDQ, bytes.fromhex(HEX)))


def video_of(frames: int, *, quality: int = 77, step_ms: int = 400) -> VideoFingerprint:
    prints = (
        Fingerprint(PDQ, bits_of(Random(number).sample(range(256), 128)), quality) for number in range(frames)
    )
    return VideoFingerprint(frames * step_ms, tuple(enumerate_every(step_ms, prints)))


def enumerate_every(step: int, prints: Iterable[Fingerprint]) -> Iterator[tuple[int, Fingerprint]]:
    return ((number * step, fingerprint) for number, fingerprint in enumerate(prints))


@pytest.mark.parametrize("frames", [1, 79, 80, 81, 200])
def test_a_video_is_read_back_from_as_many_texts_as_it_needs(frames: int) -> None:
    video = video_of(frames)
    texts = format_video(video)
    assert len(texts) == -(-frames // MAX_FRAMES)
    parts = [parse_video(text) for text in texts]
    assert {part.duration_ms for part in parts} == {video.duration_ms}
    assert tuple(frame for part in parts for frame in part.frames) == video.frames


def test_the_text_of_a_video_fits_into_one_message_of_telegrams() -> None:
    [text] = format_video(video_of(MAX_FRAMES))
    assert len(text) < 4096
    assert text.isascii()


def test_pictures_and_videos_may_come_in_one_message() -> None:
    [text] = format_video(video_of(3))
    parsed = parse_hashes(f"{LINE}\n{text}, {HEX}")
    assert [type(one) for _, one in parsed] == [Fingerprint, VideoFingerprint, Fingerprint]


def with_check(body: str) -> str:
    return f"{body}:{hashlib.sha256(body.encode()).hexdigest()[:4]}"


PAYLOAD = format_video(video_of(2))[0].split(":")[1]
FRAME = PAYLOAD[4:52]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (with_check(f"VPDQ1:{PAYLOAD}")[:-1], Reason.WRONG_CHECKSUM),
        (f"VPDQ1:{PAYLOAD[:-1]}A:{with_check('VPDQ1:' + PAYLOAD)[-4:]}", Reason.WRONG_CHECKSUM),
        (f"VPDQ1:{PAYLOAD}", Reason.UNKNOWN_FORMAT),
        (with_check(f"VPDQ2:{PAYLOAD}"), Reason.UNKNOWN_FORMAT),
        (with_check("VPDQ1:"), Reason.UNKNOWN_FORMAT),
        (with_check("VPDQ1:AAAA"), Reason.UNKNOWN_FORMAT),
        (with_check(f"VPDQ1:{PAYLOAD[:-4]}"), Reason.UNKNOWN_FORMAT),
        (with_check(f"VPDQ1:{PAYLOAD[:-1]}"), Reason.UNKNOWN_FORMAT),
        (with_check("VPDQ1:\N{HANGUL SYLLABLE GA}"), Reason.UNKNOWN_FORMAT),
        (with_check("VPDQ1:AAAA" + FRAME * (MAX_FRAMES + 1)), Reason.UNKNOWN_FORMAT),
        (with_check(f"VPDQ1:AAAA{PAYLOAD[52:]}{FRAME}"), Reason.UNKNOWN_FORMAT),
        (with_check("VPDQ1:AAAAAAAA" + "A" * 44), Reason.LOW_QUALITY),
        (with_check("VPDQ1:AAAAAAAA__" + "A" * 42), Reason.UNKNOWN_FORMAT),
        (format_video(video_of(2, quality=49))[0], Reason.LOW_QUALITY),
    ],
)
def test_what_is_wrong_with_the_text_of_a_video_is_told_apart(text: str, reason: Reason) -> None:
    with pytest.raises(HashTextError) as raised:
        parse_video(text)
    assert raised.value.reason is reason


def test_half_a_character_in_the_text_of_a_video_is_explained_and_stops_no_other() -> None:
    first, second = parse_hashes(f"VPDQ1:\ud800:abcd {LINE}")
    assert isinstance(first[1], HashTextError)
    assert second == (2, parse_hash_line(LINE))


def test_a_frame_whose_bits_are_not_half_set_is_no_frame() -> None:
    everything = base64.urlsafe_b64encode(bytes(6) + b"\x64" + b"\xff" * 32).decode()
    with pytest.raises(HashTextError) as raised:
        parse_video(with_check(f"VPDQ1:{everything}"))
    assert raised.value.reason is Reason.NOT_A_FINGERPRINT


@given(st.text(max_size=300))
def test_any_text_of_a_video_is_read_or_explained(text: str) -> None:
    for one in (text, f"VPDQ1:{text}", with_check(f"VPDQ1:{text}")):
        with suppress(HashTextError):
            assert parse_video(one).frames
