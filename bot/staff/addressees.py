"""Where reports go, as data: `addressees.toml` of this package, or an operator's own file of the same shape."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ConfigError
from bot.model import Language

Need = Literal["authority", "non_consent", "good_faith", "signature", "explanation", "contact", "identity"]
"""What an addressee asks for besides where the post is."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Words(_Part):
    """One text in both languages."""

    ko: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def __getitem__(self, language: Language) -> str:
        return self.ko if language is Language.KO else self.en


def _at_most(characters: int) -> AfterValidator:
    """All that is told of an addressee has to fit one message of Telegram's."""

    def check(words: Words) -> Words:
        if max(len(words.ko), len(words.en)) > characters:
            raise ValueError(f"must have at most {characters} characters")
        return words

    return AfterValidator(check)


class Addressee(_Part):
    """Who takes a report, when, how, and in which language."""

    key: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    way: Literal["in_app", "email", "form", "phone"]
    to: str = Field(min_length=1, max_length=200)
    language: Language
    minors: Literal["only", "never", "any"]
    needs: tuple[Need, ...] = ()
    name: Annotated[Words, _at_most(80)]
    when: Annotated[Words, _at_most(300)]
    steps: Annotated[Words, _at_most(2000)]


class _File(_Part):
    addressee: tuple[Addressee, ...] = Field(min_length=1, max_length=50)


def load(path: str | None = None) -> tuple[Addressee, ...]:
    """In the order of the file. Raises `ConfigError` that names what is wrong."""
    source = files("bot.staff").joinpath("addressees.toml") if path is None else Path(path)
    try:
        addressees = _File.model_validate(tomllib.loads(source.read_text(encoding="utf-8"))).addressee
    except OSError as error:
        raise ConfigError(f"reports.addressees_file: {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"reports.addressees_file: {path} is not valid TOML: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(".".join(map(str, part["loc"])) + ": " + part["msg"] for part in error.errors())
        raise ConfigError(f"reports.addressees_file: {path}: {wrong}") from None
    keys = [addressee.key for addressee in addressees]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ConfigError(f"reports.addressees_file: {path}: a key is there twice: {', '.join(twice)}")
    return addressees


def named(key: str, path: str | None = None) -> Addressee:
    """The one of this key. Raises `ConfigError` where the file has none."""
    found = next((one for one in load(path) if one.key == key), None)
    if found is None:
        raise ConfigError(f"reports.addressees_file: has no addressee {key}, which accounts report to")
    return found


def suited(addressees: Sequence[Addressee], *, is_minor: bool) -> list[Addressee]:
    """Those for a post that may show a minor, child protection first, or for one that does not."""
    if not is_minor:
        return [one for one in addressees if one.minors in ("any", "never")]
    order = {"only": 0, "any": 1}
    return sorted((one for one in addressees if one.minors in order), key=lambda one: order[one.minors])
