"""The staff's texts: the same in both languages, and one for every refusal."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

import bot
from bot.model import Language
from bot.store.posts import PARTLY
from matcher import MediaErrorCode

_KEY = re.compile(r"^([a-z][\w-]*) =", re.MULTILINE)
_VALUE = re.compile(r"\{ \$(\w+)")
_REFUSED = re.compile(r'Refused\(\s*"([a-z-]+)"')


def messages(language: Language, name: str) -> dict[str, set[str]]:
    """The values that each text of a file takes."""
    _, *parts = _KEY.split(files("bot.texts").joinpath(language, f"{name}.ftl").read_text(encoding="utf-8"))
    return {key: set(_VALUE.findall(pattern)) for key, pattern in zip(parts[::2], parts[1::2], strict=True)}


@pytest.mark.parametrize("name", ["staff", "alerts"])
def test_both_languages_have_the_same_texts_with_the_same_values(name: str) -> None:
    korean = messages(Language.KO, name)
    assert len(korean) > 10
    assert messages(Language.EN, name) == korean


def test_every_reason_why_a_file_was_not_looked_at_has_a_text() -> None:
    scan = files(bot).joinpath("pipeline/scan.py").read_text(encoding="utf-8")
    reasons = {code.name.lower() for code in MediaErrorCode} | {PARTLY}
    reasons |= set(re.findall(r'(?:_give_up\(row, media, |posts\.failed\(tx, row\.media_id, )"(\w+)"', scan))
    assert {"file_gone", "download_failed"} < reasons
    texts = {key for key in messages(Language.KO, "staff") if key.startswith("staff-trouble-")}
    assert texts == {f"staff-trouble-{reason}" for reason in reasons}


def test_every_refusal_has_a_text_and_every_text_of_a_refusal_is_used() -> None:
    stages = ["channels.py", "people.py", "pipeline/drill.py", "registered/defence.py"]
    stages += [f"staff/{name}.py" for name in ("alerts", "casework", "reports")]
    stages += [f"accounts/{name}.py" for name in ("filing", "history", "joining")]
    modules = [
        *stages,
        *(
            f"chat/{name}.py"
            for name in ("staff", "findings", "hashes", "reports", "filing", "history", "admin", "router")
        ),
    ]
    codes = {
        code
        for module in modules
        for code in _REFUSED.findall(files(bot).joinpath(module).read_text(encoding="utf-8"))
    }
    texts = {key for key in messages(Language.KO, "staff") if key.startswith("staff-refused-")}
    assert texts == {f"staff-refused-{code}" for code in codes}
