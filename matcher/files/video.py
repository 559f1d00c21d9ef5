"""Videos -> frames, by FFmpeg (PyAV) from memory, and only by those of its parts that are named here.

A file's own words about its length, frame rate and timestamps are not believed: all packets are listed first, without
decoding any, and numbered in the order of their times. Then only what the samples need is decoded. Of an MP4 file that
list can be made before the rest of it is there, and says which bytes to get.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import islice

import av

# Loaded by PyAV only when a file has such a stream; in the sandbox that is too late.
import av.audio.codeccontext
import av.audio.stream
import av.logging
import av.subtitles.codeccontext
import av.subtitles.stream
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from numpy.typing import NDArray

from matcher.errors import MediaError, MediaErrorCode
from matcher.files.decode import Limits
from matcher.files.reading import reading
from matcher.files.sampling import MOST_LEFT_OUT, Frame, Luma, Pace, Sampler, interval_ms
from matcher.files.schedule import Schedule, schedule_of
from matcher.fingerprint import Head, LeftOut, Shown
from matcher.pieces import BLOCK_BYTES, File, Pieces, opened

_DEMUXERS = {
    "MP4": "mov",
    "MATROSKA": "matroska",
    "AVI": "avi",
    "MPEGTS": "mpegts",
    "MPEG": "mpeg",
    "FLV": "flv",
    "ASF": "asf",
}
FORMATS = tuple(_DEMUXERS)
"""The formats that are read, told by the bytes. FFmpeg knows hundreds more, and each more is more to attack."""

_DECODERS = frozenset(
    (
        *("h264", "hevc", "vp8", "vp9", "av1", "libdav1d"),
        *("mpeg1video", "mpeg2video", "mpeg4", "mjpeg", "h263"),
        *("msmpeg4v2", "msmpeg4", "wmv1", "wmv2", "wmv3", "vc1", "flv", "vp6f"),
    )
)
_STILL_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
"""Pictures that come in the same boxes as videos; they are not read."""

_DIRECT = frozenset(
    ("gray", "nv12", "nv21", *(f"yuv{j}4{x}p" for j in ("", "j") for x in ("20", "22", "44", "40")))
)
"""Formats whose first plane is 8-bit luma."""
_FULL_RANGE = 2
_HEAD_BYTES = 512

_MOST_PIXELS = 8192 * 4352
"""A decoder keeps some twenty frames at once."""
_MOST_PACKETS = 250_000
"""Two hours at 30 frames a second; to list more takes longer than to decode what is needed of them."""
_PROBED_PACKETS = 40
"""FFmpeg decodes so many or fewer to find out in which order the decoder gives its frames."""
_TOLERANCE_MS, _TOLERANCE = 2000, 0.05
"""By how much a file may be shorter than it says without that anything is missing: sound is often longer."""


def prepare() -> None:
    """Load all that decoding needs, so that it opens no file."""
    av.logging.set_level(None)
    av.VideoFrame(16, 16, "yuv420p10le").reformat(format="gray")


def format_of(untrusted_data: bytes) -> str | None:
    """Which of `FORMATS` the first bytes are of, if any."""
    head = untrusted_data[:_HEAD_BYTES]
    if head[4:8] == b"ftyp":
        return None if head[8:12] in _STILL_BRANDS else "MP4"
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "MP4"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "AVI"
    if b"GGG" in (head[0:377:188], head[4:389:192]):
        return "MPEGTS"
    for magic, name in (
        (b"\x1a\x45\xdf\xa3", "MATROSKA"),
        (b"\0\0\x01\xba", "MPEG"),
        (b"FLV\x01", "FLV"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "ASF"),
    ):
        if head.startswith(magic):
            return name
    return None


def format_of_pieces(untrusted_file: Pieces) -> str:
    """MP4, the only format that can be looked at with holes in the file. Raises `MediaError` `UNSUPPORTED`."""
    format_name = format_of(untrusted_file.read(0, _HEAD_BYTES))
    if format_name != "MP4":
        raise MediaError(MediaErrorCode.UNSUPPORTED)
    return format_name


def is_vector(untrusted_data: bytes) -> bool:
    """Whether it is a TGS sticker: a gzip file of Lottie, which is JSON."""
    if not untrusted_data.startswith(b"\x1f\x8b"):
        return False
    try:
        start = zlib.decompressobj(31).decompress(untrusted_data, 4096)
    except zlib.error:
        return False
    return start.lstrip().startswith(b"{") and (b'"tgs"' in start or b'"layers"' in start)


def inspect(
    untrusted_file: File, format_name: str, limits: Limits, kinds: Collection[str] = ()
) -> Iterator[Shown]:
    """What a video shows. Raises `MediaError` as `matcher.files.media.inspect` does."""
    pace = Pace(limits)
    with _open(untrusted_file, format_name) as container:
        stream = _stream(container, limits)
        promised_ms = _promised_ms(container, stream)
        schedule, _ = _schedule(container, stream, untrusted_file)
    interval = interval_ms(int(schedule.elapsed[-1]), limits)
    cells = schedule.cells(interval)
    sampler = Sampler(interval, limits.max_stills, cells, kinds)
    decoder = _Decoder(schedule, interval, pace)
    for number, still in enumerate(sampler.stills(decoder.frames(untrusted_file, format_name, limits))):
        if not number:
            yield Head(format_name, schedule.duration_ms)
        yield still
    left_out = cells - sampler.cells
    missing_ms = promised_ms - schedule.duration_ms
    if missing_ms > max(_TOLERANCE_MS, _TOLERANCE * promised_ms):
        left_out += math.ceil(missing_ms / interval)
    is_part = schedule.is_broken or bool((schedule.needed(interval) & ~schedule.is_there).any())
    yield LeftOut(min(max(left_out, int(is_part)), MOST_LEFT_OUT))


def needed_blocks(untrusted_file: Pieces, limits: Limits) -> list[int]:
    """Which blocks of an MP4 file are not there and must be, so that it shows what it would show as a whole: their
    numbers, the most important first, as `Schedule.by_importance` has it.

    All must be there that is not media. Raises `MediaError`, `UNSUPPORTED` where it cannot be told.
    """
    with _open(untrusted_file, format_of_pieces(untrusted_file)) as container:
        stream = _stream(container, limits)
        if sum(not _is_cover(other) for other in container.streams.video) > 1:
            # Which of them is shown may depend on what is in a hole.
            raise MediaError(MediaErrorCode.UNSUPPORTED)
        schedule, places = _schedule(container, stream, untrusted_file)
    interval = interval_ms(int(schedule.elapsed[-1]), limits)
    wanted = np.concatenate([schedule.by_importance(interval), np.arange(len(places))[:_PROBED_PACKETS]])
    blocks: dict[int, None] = {}
    for start, end in places[wanted[~schedule.is_there[wanted]]].tolist():
        if not 0 <= start < end <= untrusted_file.size_bytes:
            raise MediaError(MediaErrorCode.UNSUPPORTED)
        blocks |= dict.fromkeys(range(start // BLOCK_BYTES, -(-end // BLOCK_BYTES)))
    return list(blocks)


@contextmanager
def _open(untrusted_file: File, format_name: str) -> Iterator[InputContainer]:
    """Raises `MediaError` `CORRUPT`."""
    with reading():
        opened_container = _opened(untrusted_file, format_name)
    with opened_container as container:
        yield container


def _packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """All that hold something, in the order of the file. Raises `MediaError` where it is broken."""
    with reading():
        for packet in container.demux(stream):
            if packet.size:
                yield packet


def _opened(untrusted_file: File, format_name: str) -> InputContainer:
    return av.open(
        opened(untrusted_file),
        "r",
        format=_DEMUXERS[format_name],
        options={"max_pixels": str(_MOST_PIXELS), "threads": "1"},
        container_options={
            "protocol_whitelist": "",
            "format_whitelist": ",".join(av.ContainerFormat(name, "r").name for name in _DEMUXERS.values()),
            "codec_whitelist": ",".join(sorted(_DECODERS)),
            # Of an MP4 what a player leaves out is looked at as well, and no list of edits can hide or repeat anything.
            "ignore_editlist": "1",
        },
        metadata_errors="ignore",
    )


def _stream(container: InputContainer, limits: Limits) -> VideoStream:
    """The stream that a player shows. Raises `MediaError`."""
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream) or stream.codec_context is None:
        raise MediaError(MediaErrorCode.UNSUPPORTED)
    if _is_cover(stream):
        raise MediaError(MediaErrorCode.UNSUPPORTED)
    context = stream.codec_context
    if context.name not in _DECODERS:
        raise MediaError(MediaErrorCode.UNSUPPORTED)
    if context.width * context.height > min(limits.max_pixels, _MOST_PIXELS):
        raise MediaError(MediaErrorCode.TOO_LARGE)
    context.thread_count = 1
    # Frames on which no other depends are half of all, and the samples can do without.
    context.skip_frame = "NONREF"
    context.options = {"max_pixels": str(min(limits.max_pixels, _MOST_PIXELS))}
    return stream


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _promised_ms(container: InputContainer, stream: VideoStream) -> float:
    """How long the file says it is."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base * 1000)
    return (container.duration or 0) / 1000


def _schedule(
    container: InputContainer, stream: VideoStream, untrusted_file: File
) -> tuple[Schedule, NDArray[np.int64]]:
    """The schedule, and from where to where in the file each packet's bytes are (n x 2)."""
    unit_ms = float(stream.time_base or 0) * 1000
    times: list[float] = []
    keys: list[bool] = []
    places: list[tuple[int, int]] = []
    is_broken = False
    try:
        for packet in _packets(container, stream):
            if len(times) == _MOST_PACKETS:
                is_broken = True
                break
            stamp = packet.pts if packet.pts is not None else packet.dts
            times.append(stamp * unit_ms if stamp is not None else (times[-1] if times else 0.0))
            keys.append(packet.is_keyframe)
            start = -1 if packet.pos is None else packet.pos
            places.append((start, start + packet.size))
    except MediaError:
        # What came before the broken place counts.
        is_broken = True
    if not times:
        raise MediaError(MediaErrorCode.CORRUPT)
    ranges = np.array(places)
    if isinstance(untrusted_file, bytes):
        return schedule_of(times, keys, is_broken), ranges
    is_there = untrusted_file.has(ranges[:, 0], ranges[:, 1])
    # Of many codecs FFmpeg tells a key frame by its bytes. Of what is in a hole the index has to be believed.
    entries = islice(stream.index_entries, _MOST_PACKETS)
    with reading():
        told = {entry.pos for entry in entries if entry.is_keyframe}
    keys = [
        is_key if there else start in told
        for is_key, there, (start, _) in zip(keys, is_there.tolist(), places, strict=True)
    ]
    return schedule_of(times, keys, is_broken, is_there), ranges


class _Decoder:
    """Decodes what is needed of one video, as far as there is time."""

    def __init__(self, schedule: Schedule, interval_ms: int, pace: Pace) -> None:
        self._schedule = schedule
        self._decodable = schedule.decodable(interval_ms)
        self._pace = pace
        self._last = -1
        """The place of the frame that came last among all frames."""
        self._may_leave_out = True
        """Whether from each key frame on what is needed can be decoded, without what stands before it."""

    def frames(self, untrusted_file: File, format_name: str, limits: Limits) -> Iterator[Frame]:
        """The frames in the order of their times. Raises `MediaError`."""
        with _open(untrusted_file, format_name) as container:
            yield from self._frames(container, _stream(container, limits))
        if self._may_leave_out:
            return
        shown, self._last, self._decodable = self._last, -1, self._schedule.is_there
        with _open(untrusted_file, format_name) as container:
            for frame in self._frames(container, _stream(container, limits)):
                if self._last > shown:
                    yield frame

    def _frames(self, container: InputContainer, stream: VideoStream) -> Iterator[Frame]:
        context, schedule, total = stream.codec_context, self._schedule, len(self._schedule.rank)
        is_hurried = is_gap = False
        from_rank, shown = 0, -1
        # Not one packet more than was listed: where the list ends, there may be an error.
        for number, packet in enumerate(islice(_packets(container, stream), total)):
            if self._pace.is_over and self._last >= 0:
                break
            if schedule.is_key[number] and self._decodable[number]:
                is_hurried, from_rank = self._pace.is_behind(number / total), 0
                if is_gap:
                    yield from self._decoded(context, None)
                    # A picture may be refreshed piece by piece: there a key frame is only where that begins.
                    if self._may_leave_out and self._last == shown:
                        self._may_leave_out = False
                        return
                    # What stands before this frame, but comes after it, depends on what was not decoded. So does the place
                    # of this one among the others, where the decoder goes on as if nothing were missing.
                    from_rank, is_gap, shown = int(schedule.rank[number]), False, self._last
                    context.flush_buffers()
            elif is_hurried or not self._decodable[number] or schedule.rank[number] < from_rank:
                is_gap = True
                continue
            packet.pts, packet.dts = int(schedule.rank[number]), number
            yield from self._decoded(context, packet)
        yield from self._decoded(context, None)

    def _decoded(self, context: VideoCodecContext, packet: Packet[VideoStream] | None) -> Iterator[Frame]:
        schedule = self._schedule
        for frame in _decoded(context, packet):
            self._last = min(max(self._last + 1, frame.pts or 0), len(schedule.rank) - 1)
            yield _frame(frame, int(schedule.at[self._last]), int(schedule.elapsed[self._last]))


def _decoded(context: VideoCodecContext, packet: Packet[VideoStream] | None) -> list[av.VideoFrame]:
    try:
        with reading():
            return context.decode(packet)
    except MediaError:
        # A broken packet is a frame less, and the next may be whole.
        return []


def _frame(frame: av.VideoFrame, at: int, elapsed: int) -> Frame:
    turns = round(frame.rotation / 90) % 4
    if frame.format.name in _DIRECT:
        is_full = frame.format.name.startswith(("yuvj", "gray")) or frame.color_range == _FULL_RANGE
        return Frame(at, elapsed, _plane(frame), not is_full, turns)
    with reading():
        grey = frame.reformat(format="gray")
    return Frame(at, elapsed, _plane(grey), turns=turns)


def _plane(frame: av.VideoFrame) -> Luma:
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(-1, abs(plane.line_size))
    return rows[: frame.height, : frame.width]
