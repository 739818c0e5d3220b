"""The names of a record's fields, as its schema has them."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib.resources import files
from typing import Any

from crawler.errors import ConfigError


def check_names(names: Sequence[str], more: Sequence[str] = ()) -> None:
    """Raise ConfigError for the first name that no record has, nor is one of these others.

    Names are as ``crawler.collection.records.value_of`` takes them.
    """
    if not names:
        return
    schema = json.loads(files("crawler").joinpath("record.schema.json").read_text("utf-8"))["$defs"]
    known = {*more, *_names(schema["article"], schema), *_names(schema["about"], schema)}
    for name in names:
        if name not in known and not (name.partition(".")[0] in {"sources", "rights"} and "." in name):
            near = get_close_matches(name, known, 1)
            raise ConfigError(f"--fields {name}: no record has it{f'; is it {near[0]}?' if near else ''}")


@functools.cache
def record_keys() -> frozenset[str]:
    """The keys of a record, as this version knows them."""
    schema = json.loads(files("crawler").joinpath("record.schema.json").read_text("utf-8"))["$defs"]
    return frozenset(schema["article"]["properties"])


def _names(kind: dict[str, Any], schema: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in kind.get("properties", {}).items():
        yield above + name
        for other in (value, *value.get("oneOf", ())):
            inner = schema[other["$ref"].rpartition("/")[2]] if "$ref" in other else other
            yield from _names(inner, schema, f"{above}{name}.")
