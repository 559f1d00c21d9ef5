"""Pictures of the work: plots of numbers over time, drawn by Matplotlib and sent as one picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from bot.model import Language
from bot.store.stats import Stats
from bot.texts import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HANGUL = (
    "Noto Sans CJK KR",
    "Noto Sans CJK JP",
    "Noto Sans KR",
    "NanumGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
)
"""Fonts with Korean letters; where a machine has none of them the plots are in English."""
_BLUE, _RED, _GREY = "#2f6fb3", "#c0392b", "#8a8f98"
_MAX_TITLE = 18
_HOURS = (6, 12, 24, 48, 72, 168)


def draw(stats: Stats, language: Language) -> bytes:
    """A PNG of six plots. Takes half a second: call it in a thread."""
    # Loading it takes as long as drawing, and most who run Jikimi look at plots once a week.
    import matplotlib as mpl
    from matplotlib.figure import Figure

    font = _font()
    spoken = language if language is Language.EN or font is not None else Language.EN

    def word(key: str, /, **values: str | int) -> str:
        return text(spoken, f"stats-{key}", **values)

    with mpl.rc_context({"font.family": [font or "DejaVu Sans", "DejaVu Sans"], "font.size": 9}):
        figure = Figure(figsize=(10, 11), layout="constrained", dpi=110)
        axes = figure.subplots(3, 2)
        _bars(axes[0, 0], stats, stats.posts, word("posts"), _BLUE)
        _bars(axes[0, 1], stats, stats.findings, word("findings"), _RED)
        _channels(axes[1, 0], stats, word("by-channel"), can_spell=font is not None)
        _removal(axes[1, 1], stats, word)
        _share(axes[2, 0], stats, stats.not_a_match, _sums(stats.confirmed, stats.not_a_match), word("false"))
        _share(axes[2, 1], stats, stats.failed, stats.media, word("failed"))
        out = io.BytesIO()
        figure.savefig(out, format="png")
    return out.getvalue()


def caption(stats: Stats, language: Language) -> str:
    """Telegram HTML: the same in a few lines, for who cannot see the plots."""
    decided = sum(stats.confirmed) + sum(stats.not_a_match)
    hours = stats.hours_to_removal
    return text(
        language,
        "stats-caption",
        days=len(stats.posts),
        posts=sum(stats.posts),
        findings=sum(stats.findings),
        removed=len(hours),
        median=f"{median(hours):.0f}" if hours else "–",
        false=f"{100 * sum(stats.not_a_match) / decided:.0f}" if decided else "–",
        failed=f"{100 * sum(stats.failed) / sum(stats.media):.1f}" if sum(stats.media) else "–",
    )


def _font() -> str | None:
    from matplotlib import font_manager

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in _HANGUL if name in known), None)


def _bars(axes: Axes, stats: Stats, values: Sequence[int], title: str, colour: str) -> None:
    axes.bar(_days(stats, len(values)), values, color=colour)
    _dated(axes, f"{title}: {sum(values):,}")
    axes.set_ylim(0, max(1, *values) * 1.1)
    _whole(axes)


def _share(axes: Axes, stats: Stats, part: Sequence[int], whole: Sequence[int], title: str) -> None:
    """In percent of each week, because a day has few."""
    weeks = range(0, len(whole), 7)
    of_week = [(sum(part[at : at + 7]), sum(whole[at : at + 7])) for at in weeks]
    shares = [100 * some / every if every else float("nan") for some, every in of_week]
    axes.plot(_days(stats, len(whole))[::7], shares, marker="o", color=_BLUE)
    every = sum(whole)
    _dated(axes, f"{title}: {100 * sum(part) / every:.1f} %" if every else f"{title}: –")
    axes.set_ylim(0, max([10.0, *(share for share in shares if share == share)]) * 1.1)


def _channels(axes: Axes, stats: Stats, title: str, *, can_spell: bool) -> None:
    named = list(reversed(stats.by_channel))
    places = range(len(named))
    axes.barh(places, [found.number for found in named], color=_RED)
    names = [
        f"#{found.channel_id} {_clipped(found.title)}" if can_spell else f"#{found.channel_id}"
        for found in named
    ]
    axes.set_yticks(places, names)
    axes.set_title(title)


def _removal(axes: Axes, stats: Stats, word: Any) -> None:
    hours = stats.hours_to_removal
    ends = [*_HOURS, float("inf")]
    counted = [sum(low <= one < high for one in hours) for low, high in zip([0, *_HOURS], ends, strict=True)]
    axes.bar([f"< {end}" for end in _HOURS] + [f"≥ {_HOURS[-1]}"], counted, color=_GREY)
    _whole(axes)
    axes.set_title(word("removal", count=len(hours), median=f"{median(hours):.0f}" if hours else "–"))
    axes.set_xlabel(word("hours"))


def _whole(axes: Axes) -> None:
    """Numbers of things have no fractions."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _dated(axes: Axes, title: str) -> None:
    axes.set_title(title)
    axes.tick_params(axis="x", rotation=45)
    axes.grid(axis="y", alpha=0.3)


def _days(stats: Stats, count: int) -> list[Any]:
    return [(stats.since + timedelta(days=day)).date() for day in range(count)]


def _sums(first: Sequence[int], second: Sequence[int]) -> list[int]:
    return [one + other for one, other in zip(first, second, strict=True)]


def _clipped(title: str) -> str:
    # A dollar sign begins mathematics.
    name = " ".join(title.split()).replace("$", "")
    return name if len(name) <= _MAX_TITLE else name[: _MAX_TITLE - 1] + "…"
