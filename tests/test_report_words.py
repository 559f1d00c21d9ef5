"""Whatever can be found of a post has words, in alerts and in reports."""

from __future__ import annotations

import pytest

from bot.model import ChatKind, FindingState, Language, Step
from bot.shown import DERIVED, SAME_PHOTO
from bot.staff.reports import NEAR_PHOTO
from bot.texts import text
from matcher import Orientation, StillKind
from matcher.seen import _NAMES


@pytest.mark.parametrize("language", Language)
def test_whatever_a_post_can_show_has_words(language: Language) -> None:
    """The views of earlier versions among them: what was found by them is reported still."""
    values: dict[str, list[str]] = {
        "alert-view": list(_NAMES),
        "alert-orientation": list(Orientation),
        "report-still": list(StillKind),
        "report-chat": list(ChatKind),
        "finding-state": list(FindingState),
        "report-log": list(Step),
        "report-photo": [DERIVED, SAME_PHOTO, NEAR_PHOTO],
    }
    for key, names in values.items():
        assert all(text(language, f"{key}-{name}", by="x") for name in names)
