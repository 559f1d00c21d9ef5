"""How the command ends, and what it complains of on the way."""

from __future__ import annotations

from enum import IntEnum

import typer

from bot import log


class ExitCode(IntEnum):
    OK = 0
    PROBLEM = 1
    USAGE = 2
    CONFIG = 3
    TELEGRAM = 4
    STORE = 5
    BUG = 70


def complain(line: str) -> None:
    typer.echo(complaint(line), err=True)


def complaint(line: str) -> str:
    return f"jikimi: {log.without_secrets(line)}"
