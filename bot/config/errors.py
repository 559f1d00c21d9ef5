"""What is wrong with a configuration, in words that name the key and say what it may be."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

PREFIX = "JIKIMI_"
DELIMITER = "__"
"""Of environment variables: JIKIMI_SECTION__KEY."""


def explained(details: ErrorDetails, config: type[BaseModel], variables: Mapping[str, str]) -> list[str]:
    """The error as lines that name the key and say what it may be. `variables` are those that override keys."""
    if not details["loc"]:
        return str(details["ctx"]["error"]).splitlines()
    # A number that follows is a position in a list.
    section, *rest = [part for part in details["loc"] if isinstance(part, str)]
    key = ".".join([section, *rest])
    variable = PREFIX + DELIMITER.join([section, *rest]).upper()
    where = f"{key} (set by {variable})" if variable in variables else key
    match details["type"]:
        case "extra_forbidden":
            return [f"{where}: there is no such key{_suggestion(config, section, *rest)}"]
        case "missing":
            return [f"{where}: is missing; it must be {_legal(config, section, *rest)}"]
        case "value_error":
            return [f"{where}: {details['ctx']['error']}"]
        case _:
            return [f"{where}: must be {_legal(config, section, *rest)}"]


def _suggestion(config: type[BaseModel], *names: str) -> str:
    known = _fields(config, *names[:-1])
    close = difflib.get_close_matches(names[-1], known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"


def _fields(config: type[BaseModel], *sections: str) -> Mapping[str, FieldInfo]:
    """What a section holds; of none named, the sections."""
    fields: Mapping[str, FieldInfo] = config.model_fields
    for section in sections:
        model = _model(fields[section])
        assert model is not None
        fields = model.model_fields
    return fields


def _model(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _legal(config: type[BaseModel], *names: str) -> str:
    """In words, what may be given."""
    field = _fields(config, *names[:-1])[names[-1]]
    if _model(field) is not None:
        return f"a section, [{'.'.join(names)}]"
    if field.description:
        return field.description
    if get_origin(field.annotation) is Literal:
        return "one of " + ", ".join(get_args(field.annotation))
    low = [limit.ge for limit in field.metadata if isinstance(limit, Ge)]
    high = [limit.le for limit in field.metadata if isinstance(limit, Le)]
    if low and high:
        return f"a whole number from {low[0]} to {high[0]}"
    return "true or false" if field.annotation is bool else "text"
