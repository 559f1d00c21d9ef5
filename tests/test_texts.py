"""All prose, in both languages, held to the code that uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from fluent.syntax import ast, parse
from fluent.syntax.visitor import Visitor

from bot.model import Language
from bot.texts import Html, TextError, text
from matcher import MediaErrorCode

ROOT = Path(__file__).parent.parent
TEXTS = ROOT / "bot" / "texts"
FILES = sorted(path.name for path in (TEXTS / "ko").glob("*.ftl"))
AREAS = ("common", "victim", "staff", "alert", "finding", "queue", "report", "stats", "notice")
PARTICLE = re.compile(r"}(은|는|이|가|을|를|와|과|로|으로|의|에|께|도)(?![가-힣])")
TAGS = {"b", "i", "code", "tg-spoiler", "a"}


class Placeholders(Visitor):
    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.found.add(node.id.name)


def messages(language: str, file: str) -> Iterator[ast.Message]:
    for entry in parse((TEXTS / language / file).read_text(encoding="utf-8")).body:
        assert not isinstance(entry, ast.Junk), f"{language}/{file}: {entry.content}"
        if isinstance(entry, ast.Message):
            yield entry


def keys(language: str) -> list[str]:
    return [message.id.name for file in FILES for message in messages(language, file)]


def placeholders(message: ast.Message) -> set[str]:
    visitor = Placeholders()
    visitor.visit(message)
    return visitor.found


def code() -> str:
    files = chain((ROOT / "bot").rglob("*.py"), (ROOT / "matcher").rglob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def beginnings(source: str) -> list[str]:
    """What the code puts before a name that it has, as in `f"notice-{code}"`."""
    return re.findall(rf'f"((?:{"|".join(AREAS)})-(?:[a-z0-9]+-)*){{', source)


def test_both_languages_have_the_same_files() -> None:
    assert sorted(path.name for path in (TEXTS / "en").glob("*.ftl")) == FILES
    assert FILES


@pytest.mark.parametrize("file", FILES)
def test_both_languages_have_the_same_keys_with_the_same_placeholders(file: str) -> None:
    korean, english = (
        {message.id.name: placeholders(message) for message in messages(language, file)}
        for language in ("ko", "en")
    )
    assert korean == english


@pytest.mark.parametrize("language", list(Language))
def test_no_key_is_there_twice_and_each_begins_with_an_area(language: Language) -> None:
    found = keys(language)
    assert len(found) == len(set(found))
    assert [key for key in found if key.partition("-")[0] not in AREAS] == []


def test_every_key_that_the_code_names_exists() -> None:
    source, known = code(), set(keys("ko"))
    named = set(re.findall(rf'"((?:{"|".join(AREAS)})-[a-z0-9-]+)"', source))
    assert len(named) > 100
    # "staff-chat-lost" is no key, but the name behind a beginning.
    missing = {
        name
        for name in named - known
        if not any(beginning + name in known for beginning in beginnings(source))
    }
    assert missing == set()


def test_every_key_is_used() -> None:
    source = code()
    literals = set(re.findall(r'"([a-z0-9_-]+)"', source)) | {code.name.lower() for code in MediaErrorCode}
    unused = [
        key
        for key in set(keys("ko")) - literals
        if not any(
            {rest, rest.replace("-", "_")} & literals
            for beginning in beginnings(source)
            if (rest := key.removeprefix(beginning)) != key
        )
    ]
    assert unused == []


@pytest.mark.parametrize(
    ("left", "taken"), [("사건", "접수번호"), ("담당자", "직원"), ("단추", "버튼"), ("접수 번호", "접수번호")]
)
def test_korean_has_one_word_for_a_thing(left: str, taken: str) -> None:
    page = ROOT / "bot" / "standin" / "page_texts.js"
    read = [*(TEXTS / "ko").glob("*.ftl"), *(ROOT / "bot" / "demo").glob("*.py"), page, ROOT / "README.ko.md"]
    assert [path.name for path in read if left in path.read_text(encoding="utf-8")] == []
    assert any(taken in path.read_text(encoding="utf-8") for path in read)


@pytest.mark.parametrize("file", FILES)
def test_no_korean_particle_hangs_on_a_placeholder(file: str) -> None:
    assert PARTICLE.findall((TEXTS / "ko" / file).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("language", list(Language))
def test_markup_is_what_telegram_knows_and_closed(language: Language, file: str) -> None:
    for message in messages(language, file):
        assert message.value is not None
        shown = "".join(
            str(element.value) for element in message.value.elements if isinstance(element, ast.TextElement)
        )
        opened: list[str] = []
        for closing, tag in re.findall(r"<(/?)([a-z-]+)[^>]*>", shown):
            assert tag in TAGS
            if closing:
                assert opened.pop() == tag
            else:
                opened.append(tag)
        assert opened == []


@pytest.mark.parametrize("language", list(Language))
def test_no_text_is_longer_than_a_message_may_be(language: Language) -> None:
    for message in chain.from_iterable(messages(language, file) for file in FILES):
        assert message.span is not None
        assert message.span.end - message.span.start < 2000


def test_a_value_cannot_write_markup_unless_it_is_meant_to() -> None:
    assert "&lt;b&gt;" in text(Language.EN, "victim-start", organisation="<b>")
    assert "<b>" in text(Language.EN, "victim-start", organisation=Html("<b>"))


def test_a_missing_key_or_value_is_an_error() -> None:
    with pytest.raises(TextError, match="no text 'victim-nonsense' in ko"):
        text(Language.KO, "victim-nonsense")
    with pytest.raises(TextError, match="lacks a value"):
        text(Language.KO, "victim-start")


@pytest.mark.parametrize(
    "key",
    [
        key
        for key in keys("ko")
        if re.fullmatch(r"victim-(?!button|hash-|not-taken-|added-|no-media-|start-again)[a-z-]+", key)
    ],
)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_first_line_of_what_victims_read_is_harmless_on_a_lock_screen(language: str, key: str) -> None:
    source = (TEXTS / language / "victim.ftl").read_text(encoding="utf-8")
    [lines] = re.findall(rf"^{key} =((?:[^\n]*\n)(?: [^\n]*\n|\n(?= ))*)", source, re.MULTILINE)
    first = lines.strip().splitlines()[0]
    assert re.search(r"피해|성범죄|불법|합성|딥페이크|유출|노출|신체|사진|영상|경찰", first) is None
    assert (
        re.search(
            r"victim|crime|abuse|deepfake|leak|intimate|nude|picture|video|police", first, re.IGNORECASE
        )
        is None
    )
