"""Animated GIF, WebP and PNG -> stills, as of a video."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from matcher.errors import MediaError
from matcher.files import decode
from matcher.files.decode import Limits
from matcher.files.sampling import LATEST_MS, Frame, Pace, Sampler, step_ms
from matcher.fingerprint import Head, LeftOut, Shown


def inspect(
    untrusted_data: bytes, format_name: str, limits: Limits, kinds: Collection[str] = ()
) -> Iterator[Shown]:
    """What an animation shows. Raises `MediaError` as `matcher.files.media.inspect` does."""
    animation = _Animation(untrusted_data, limits)
    sampler = Sampler(1000 // limits.frames_per_s, limits.max_stills, kinds=kinds)
    # How long it is, is known at its end.
    stills = list(sampler.stills(animation.frames()))
    yield Head(format_name, animation.duration_ms)
    yield from stills
    yield LeftOut(int(not animation.is_whole))


class _Animation:
    def __init__(self, untrusted_data: bytes, limits: Limits) -> None:
        self._untrusted_data = untrusted_data
        self._limits = limits
        self._pace = Pace(limits)
        self.duration_ms = 0
        self.is_whole = False

    def frames(self) -> Iterator[Frame]:
        """Up to the end, a broken place, or the end of the time that there is."""
        elapsed_ms = 0
        try:
            for shown_ms, luma in decode.decode_frames(self._untrusted_data, self._limits):
                yield Frame(self.duration_ms, elapsed_ms, luma)
                self.duration_ms = min(self.duration_ms + shown_ms, LATEST_MS)
                elapsed_ms += step_ms(shown_ms)
                if self._pace.is_over:
                    return
            self.is_whole = True
        except MediaError:
            if not self.duration_ms:
                raise
