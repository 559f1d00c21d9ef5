"""Which packets of a video are decoded, whatever their times say."""

from __future__ import annotations

import numpy as np
import pytest
from clips import FPS, moving, video

from matcher import Limits
from matcher.files import video as matcher_video
from matcher.files.sampling import Pace
from matcher.files.schedule import schedule_of

LIMITS = Limits()
SCENE = 12


def test_where_time_is_short_key_frames_are_looked_at() -> None:
    class Late(Pace):
        def is_behind(self, done: float) -> bool:
            return True

    data = video(moving(SCENE, 4), g="24", bf="0", sc_threshold="0")
    times = [number * 1000 / FPS for number in range(4 * FPS)]
    schedule = schedule_of(times, [number % 24 == 0 for number in range(4 * FPS)], False)
    decoder = matcher_video._Decoder(schedule, 1000, Late(LIMITS))
    frames = list(decoder.frames(data, "MP4", LIMITS))
    assert [frame.at for frame in frames] == [0, 2000]


def test_a_mistake_of_ours_is_not_told_as_a_broken_file() -> None:
    with pytest.raises(ZeroDivisionError), matcher_video._open(video(moving(SCENE, 1)), "MP4"):
        raise ZeroDivisionError


def test_a_schedule_decodes_from_key_frames_only_as_far_as_it_must() -> None:
    times = [number * 100.0 for number in range(60)]
    schedule = schedule_of(times, [number % 15 == 0 for number in range(60)], False)
    needed = [*range(11), 15, 16, 17, 18, 19, 20, *range(30, 41), 45, 46, 47, 48, 49, 50]
    assert np.flatnonzero(schedule.needed(1000)).tolist() == needed
    assert schedule.cells(1000) == 6


def test_times_that_begin_anew_go_on() -> None:
    schedule = schedule_of([0, 500, 1000, 0, 500, 1000], [True, False, False] * 2, False)
    assert schedule.rank.tolist() == [0, 1, 2, 3, 4, 5]
    assert schedule.at.tolist() == [0, 500, 1000, 1040, 1540, 2040]


def test_times_that_jump_or_stand_still_neither_skip_nor_stop_the_sampling() -> None:
    far = schedule_of([*(number * 500.0 for number in range(10)), 1e15], [True] + [False] * 10, False)
    assert far.cells(1000) == 6
    assert far.at.max() < 2**32
    none = schedule_of([0.0] * 100, [True] + [False] * 99, False)
    assert none.cells(1000) == 4
