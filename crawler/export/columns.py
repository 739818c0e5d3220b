"""A record as columns with types, read out of its schema: nothing of it is guessed, and nothing is lost.

Each key of the record is a column of its name. Beside each date, which stays the text that it is, stands the moment
that it names, where it names one: ``date_published`` and ``published_at``. What no column takes, such as the keys of a
newer version or a value of another type, is kept as JSON under ``more``, at the place that it has in the record.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol

from crawler.collection.records import whole_text

MORE = "more"
_NOTHING: Any = object()  # all of a value fits
_DATES = {"#/$defs/date", "#/$defs/utc"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class Kind(Protocol):
    """A type of values."""

    def fit(self, value: Any) -> tuple[Any, Any]:
        """A value, which is not null, as a column of this type takes it; and what does not fit, or ``_NOTHING``."""


@dataclass(frozen=True, slots=True)
class Text:
    """Unicode text."""

    def fit(self, value: Any) -> tuple[Any, Any]:
        if isinstance(value, str):
            return whole_text(value), _NOTHING
        return None, value


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number of 64 bits."""

    def fit(self, value: Any) -> tuple[Any, Any]:
        if type(value) is int and -(2**63) <= value < 2**63:
            return value, _NOTHING
        return None, value


@dataclass(frozen=True, slots=True)
class Number:
    """A number of double precision."""

    def fit(self, value: Any) -> tuple[Any, Any]:
        if type(value) is float or (type(value) is int and abs(value) <= 2**53):
            return float(value), _NOTHING
        return None, value


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""

    def fit(self, value: Any) -> tuple[Any, Any]:
        if isinstance(value, bool):
            return value, _NOTHING
        return None, value


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in UTC to the microsecond; it is read out of the text of a date."""

    def fit(self, value: Any) -> tuple[Any, Any]:
        return moment_of(value), _NOTHING


@dataclass(frozen=True, slots=True)
class ListOf:
    """Values of one type; a list of which one does not fit is kept whole beside it."""

    kind: Kind

    def fit(self, value: Any) -> tuple[Any, Any]:
        if not isinstance(value, list):
            return None, value
        fitted = [(None, _NOTHING) if item is None else self.kind.fit(item) for item in value]
        return [item for item, _ in fitted], (_NOTHING if all(rest is _NOTHING for _, rest in fitted) else value)


@dataclass(frozen=True, slots=True)
class MapOf:
    """Texts by names of anyone's choice, as pairs in their order."""

    def fit(self, value: Any) -> tuple[Any, Any]:
        if not isinstance(value, dict):
            return None, value
        pairs = {whole_text(key): whole_text(item) for key, item in value.items() if isinstance(item, str)}
        rest = {key: item for key, item in value.items() if not isinstance(item, str)}
        return list(pairs.items()), rest or _NOTHING


@dataclass(frozen=True, slots=True)
class Struct:
    """Columns: the name of each, the key that it is read from, which a moment has of its date, and its type."""

    columns: tuple[tuple[str, str, Kind], ...]

    def fit(self, value: Any) -> tuple[Any, Any]:
        if not isinstance(value, dict):
            return None, value
        row: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        known = 0
        for name, key, kind in self.columns:
            known += name == key and name in value
            if (item := value.get(key)) is None:  # as of each type: most of a record's columns are empty
                row[name] = None
                continue
            row[name], left = kind.fit(item)
            if left is not _NOTHING:
                rest[name] = left
        if known < len(value):
            keys = {key for _, key, _ in self.columns}
            rest |= {key: item for key, item in value.items() if key not in keys}
        return row, rest or _NOTHING


_SCALARS: Mapping[str, Kind] = {"string": Text(), "integer": Integer(), "number": Number(), "boolean": Truth()}


def row_of(record: Mapping[str, Any], without: str = "") -> dict[str, Any]:
    """A record as a row of ``columns``."""
    row, rest = _record_columns(without).fit(record)
    return {**row, MORE: None if rest is _NOTHING else whole_text(json.dumps(rest, ensure_ascii=False))}


def columns(without: str = "") -> dict[str, Kind]:
    """The columns of a row, all of them or one less."""
    return {**{name: kind for name, _, kind in _record_columns(without).columns}, MORE: Text()}


@functools.cache
def _record_columns(without: str) -> Struct:
    schema = json.loads(files("crawler").joinpath("record.schema.json").read_text("utf-8"))["$defs"]
    every = _struct(schema["article"], schema)
    return Struct(tuple(column for column in every.columns if column[0] != without))


def moment_of(text: object) -> dt.datetime | None:
    """The moment that a date names, in UTC; None for a day, and for a wall clock of which the zone is not known.

    >>> moment_of("2025-04-26T10:00:00+03:00")
    datetime.datetime(2025, 4, 26, 7, 0, tzinfo=datetime.timezone.utc)
    >>> moment_of("2016-12-31T23:59:60Z").isoformat(), moment_of("2025-04-26"), moment_of("2025-04-26T10:00:00")
    ('2017-01-01T00:00:00+00:00', None, None)
    """
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        return None
    is_leap = text[17:19] == "60"
    try:
        moment = dt.datetime.fromisoformat(f"{text[:17]}59{text[19:]}" if is_leap else text)
        return moment.astimezone(dt.UTC) + dt.timedelta(seconds=is_leap)
    except (ValueError, OverflowError):
        return None


def _kind(value: dict[str, Any], schema: dict[str, Any]) -> Kind:
    """The type that a schema asks for, null or not."""
    if "$ref" in value:
        return _kind(schema[value["$ref"].rpartition("/")[2]], schema)
    if "oneOf" in value:
        return _kind(next(other for other in value["oneOf"] if other != {"type": "null"}), schema)
    if "enum" in value or "const" in value:
        is_number = isinstance(value.get("const", value.get("enum", [""])[0]), int)
        return Integer() if is_number else Text()
    names = value["type"] if isinstance(value["type"], list) else [value["type"]]
    match next(name for name in names if name != "null"):
        case "object":
            return _struct(value, schema) if "properties" in value else MapOf()
        case "array":
            return ListOf(_kind(value["items"], schema))
        case name:
            return _SCALARS[name]


def _struct(value: dict[str, Any], schema: dict[str, Any]) -> Struct:
    columns: list[tuple[str, str, Kind]] = []
    for name, inner in value["properties"].items():
        columns.append((name, name, _kind(inner, schema)))
        if any(other.get("$ref") in _DATES for other in (inner, *inner.get("oneOf", ()))):
            columns.append((f"{name.removeprefix('date_')}_at", name, Moment()))
    return Struct(tuple(columns))
