"""What a drill showed, for staff."""

from __future__ import annotations

from bot.model import Language
from bot.pipeline.drill import Report
from bot.texts import text

_STAGES = ("received", "fingerprinted", "found", "shown")


def render(report: Report, language: Language) -> str:
    """Telegram HTML: each stage with its seconds, and where it stopped."""
    lines = [text(language, "staff-drill-well" if report.is_well else "staff-drill-failed")]
    for stage in _STAGES:
        seconds = getattr(report, f"{stage}_s")
        if seconds is None:
            lines.append(text(language, "staff-drill-stopped", stage=text(language, f"staff-drill-{stage}")))
            break
        lines.append(
            text(
                language,
                "staff-drill-stage",
                stage=text(language, f"staff-drill-{stage}"),
                seconds=f"{seconds:.1f}",
            )
        )
    if report.trouble is not None:
        lines.append(text(language, f"staff-trouble-{report.trouble}"))
    return "\n".join(lines)
