"""What staff are told of a report fits a message, whatever an operator's own file of addressees says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.chat.reports import _fitting
from bot.errors import ConfigError
from bot.staff import addressees

FIELDS = {
    "key": '"x"',
    "way": '"form"',
    "to": '"https://example.org"',
    "language": '"en"',
    "minors": '"any"',
    "name": '{ko = "x", en = "x"}',
    "when": '{ko = "x", en = "x"}',
    "steps": '{ko = "x", en = "x"}',
}


def test_a_text_is_cut_where_it_is_longer_than_its_room() -> None:
    assert _fitting("<x>", 9) == "&lt;x&gt;"
    cut = _fitting("&" * 500, 300)
    assert cut.startswith("&amp;")
    assert cut.endswith("…")
    assert len(cut) <= 300


@pytest.mark.parametrize("room", [1, 0, -900])
def test_a_text_without_room_is_left_out(room: int) -> None:
    assert _fitting("x" * 500, room) == "\n…"


@pytest.mark.parametrize(
    ("field", "most"), [("to", 200), ("name.ko", 80), ("when.en", 300), ("steps.ko", 2000)]
)
def test_an_addressee_s_words_have_a_length_that_fits_a_message(
    tmp_path: Path, field: str, most: int
) -> None:
    name, _, language = field.partition(".")
    file = tmp_path / "addressees.toml"

    def write(length: int) -> None:
        long = '"' + "x" * length + '"'
        value = f"{{ko = {long}, en = {long}}}" if language else long
        lines = (f"{key} = {value if key == name else given}" for key, given in FIELDS.items())
        file.write_text("\n".join(["[[addressee]]", *lines]))

    write(most)
    assert len(addressees.load(str(file))) == 1
    write(most + 1)
    with pytest.raises(ConfigError, match=rf"addressee\.0\.{name}: .*at most {most} characters"):
        addressees.load(str(file))
