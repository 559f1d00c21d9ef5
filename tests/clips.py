"""Benign videos for tests: moving pictures drawn by numbers, and files of every format that we read."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TypedDict

import av
import numpy as np
from pictures import encoded, picture
from PIL import Image

SIZE = (320, 180)
FPS = 12
INTRO, SCENE, OTHER = 11, 12, 13
"""Seeds of three pictures that are not alike."""

Pictures = Sequence[Image.Image]
Encoding = TypedDict("Encoding", {"preset": str, "x264-params": str, "x265-params": str}, total=False)
"""Options for `video` that only some codecs have."""


def moving(seed: int, seconds: float = 3, *, fps: int = FPS, speed: float = 1.0) -> list[Image.Image]:
    """A slow zoom and pan over one picture."""
    width, height = SIZE
    scene = picture(seed, (width * 2, height * 2))
    shown = []
    for number in range(round(seconds * fps)):
        at = number / fps * speed
        share = 0.95 - 0.03 * at
        left, top = 8 * at, 4 * at
        box = (left, top, left + 2 * width * share, top + 2 * height * share)
        shown.append(scene.resize(SIZE, Image.Resampling.BILINEAR, box))
    return shown


def still(seed: int, seconds: float = 3, *, fps: int = FPS) -> list[Image.Image]:
    return [picture(seed, SIZE)] * round(seconds * fps)


def video(
    pictures: Iterable[Image.Image],
    *,
    fps: int = FPS,
    container: str = "mp4",
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    turn: int = 0,
    has_sound: bool = False,
    movflags: str = "",
    **options: str,
) -> bytes:
    """A file of these pictures, all of the first one's size. `turn` is how a player must turn it (degrees, left)."""
    out = io.BytesIO()
    shown = list(pictures)
    usual = {"preset": "ultrafast", "crf": "20", "bf": "2"} if codec == "libx264" else {}
    with av.open(out, "w", format=container, options={"movflags": movflags} if movflags else {}) as file:
        stream = file.add_stream(codec, rate=fps, options=usual | options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = shown[0].size
        stream.pix_fmt = pix_fmt
        if turn:
            stream.set_display_rotation(turn)
        sound = file.add_stream("aac", rate=44_100) if has_sound else None
        for image in shown:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(image.convert("RGB")))))
        file.mux(stream.encode(None))
        if sound is not None:
            assert isinstance(sound, av.AudioStream)
            file.mux(sound.encode(_silence()))
            file.mux(sound.encode(None))
    return out.getvalue()


def index_first(mp4: bytes) -> bytes:
    """The same file with its index (`moov`) before the frames (`mdat`), as files for streaming have it."""
    place = mp4.index(b"moov") - 4
    index = bytearray(mp4[place:])
    offsets = index.index(b"stco") + 8
    (count,) = struct.unpack_from(">I", index, offsets)
    for at in range(offsets + 4, offsets + 4 + 4 * count, 4):
        struct.pack_into(">I", index, at, struct.unpack_from(">I", index, at)[0] + len(index))
    start = struct.unpack_from(">I", mp4)[0]
    return mp4[:start] + bytes(index) + mp4[start:place]


def sound_only() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("aac", rate=44_100)
        assert isinstance(stream, av.AudioStream)
        file.mux(stream.encode(_silence()))
        file.mux(stream.encode(None))
    return out.getvalue()


def _silence() -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 44_100, 0, Fraction(1, 44_100)
    return frame


def animation(pictures: Pictures, format_: str, *, shown_ms: int = 1000 // FPS) -> bytes:
    if format_ == "GIF":
        # To choose colours takes longer than everything else; greys are the same in a palette.
        pictures = [image.convert("L") for image in pictures]
    return encoded(pictures[0], format_, save_all=True, append_images=pictures[1:], duration=shown_ms, loop=0)


def patched(data: bytes, box: bytes, offset: int, value: bytes) -> bytes:
    """With a value in the first box of this name."""
    place = data.index(box) + 4 + offset
    return data[:place] + value + data[place + len(value) :]
