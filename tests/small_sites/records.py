"""What a small site's file says of its notices and articles, each read from a table whose keys are all checked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from crawler.items import Kind

Layout = Literal["semantic", "wordpress", "divs", "breaks", "table", "hashed"]
Dates = Literal["iso", "dmy-slash", "mdy-slash", "dmy-dot", "long", "relative", "none"]
Where = Literal["top", "middle", "end", "sentence", "merged"]
Share = Literal["all", "most", "half"]

_ELEMENT = re.compile(r"p|(?:div|aside)\.[\w-]+")
_Record = TypeVar("_Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallNotice:
    """A text that the site sets into its articles; ``{n}``, ``{author}`` and ``{title}`` in it are filled per page."""

    text: str
    kind: Kind
    where: Where
    element: str | None = None  # "p", "div.some-class" or "aside.some-class"; None where it has none of its own
    on: Share

    def __post_init__(self) -> None:
        if self.is_joined != (self.element is None):
            raise ValueError(f"where = {self.where!r} and element = {self.element!r} do not go together")
        if self.element is not None and not _ELEMENT.fullmatch(self.element):
            raise ValueError(f"element = {self.element!r}: expected p, div.<class> or aside.<class>")

    @property
    def is_joined(self) -> bool:
        """Whether it stands in one element with a paragraph of the article."""
        return self.where in ("sentence", "merged")

    def wording(self, article: SmallArticle) -> str:
        """The text as it stands on the article's page."""
        number = 2 + seed(article.slug, self.text) % 28
        return self.text.format(n=number, author=article.author, title=article.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallArticle:
    """One article; ``published`` is aware, in the offset that the site's zone had then."""

    slug: str
    title: str
    author: str  # "" for none
    section: str
    published: dt.datetime
    story: str | None = None
    column: str | None = None
    is_about_appeals: bool = False
    paragraphs: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.published.tzinfo is None:
            raise ValueError(f"published = {self.published}: expected an offset")

    @property
    def text(self) -> tuple[str, ...]:
        """What is to be kept of its page, in reading order: the column's title line and the paragraphs."""
        return (self.column, *self.paragraphs) if self.column else self.paragraphs


def seed(*parts: str) -> int:
    """A number that is the same for the same parts on any day and machine.

    >>> seed("ferry", "top"), seed("ferrytop")
    (195253190345314, 252862643309602)
    """
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:6])


def read_record(cls: type[_Record], table: Mapping[str, Any], place: str) -> _Record:
    """A dataclass from a TOML table; ValueError names the place and the key that is unknown, missing or not allowed."""
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    if unknown := sorted(table.keys() - fields):
        raise ValueError(f"{place}: unknown key {unknown[0]!r}")
    needed = {name for name, field in fields.items() if field.default is dataclasses.MISSING}
    if missing := sorted(needed - table.keys()):
        raise ValueError(f"{place}: missing key {missing[0]!r}")
    hints = get_type_hints(cls)
    try:
        return cls(**{name: _value(hints[name], value) for name, value in table.items()})
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def _value(hint: Any, value: Any) -> Any:
    if get_origin(hint) is Literal and value not in get_args(hint):
        raise ValueError(f"{value!r} is none of {', '.join(get_args(hint))}")
    if hint is Kind:
        return Kind(value)
    return tuple(value) if isinstance(value, list) else value
