"""An article's blocks while they are sorted out: what is kept, what was cut and why, and what is known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from crawler.extraction.blocks import Block
from crawler.extraction.texts import Text
from crawler.items import Author, Kind, Removed
from crawler.site import UNKNOWN, Site

Reason = Callable[[], str]  # worked out only where it is told


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of the article when its text is cleaned."""

    title: str
    authors: tuple[Author, ...] = ()
    languages: tuple[str, ...] = ()
    publisher: str | None = None
    site: Site = UNKNOWN
    teaches: bool = False  # whether the site's memory is to be told of the texts

    @property
    def asks_memory(self) -> bool:
        """Whether the texts matter to the site's memory: it knows some of the site, or is to be told of these."""
        return self.teaches or bool(self.site.furniture)


@dataclass(slots=True, kw_only=True)
class Body:
    """The blocks of an article as they are sorted out: what is kept, and what was cut and why."""

    kept: list[Block]
    unlikely: Mapping[int, Reason] = field(default_factory=dict)  # position → why it is not the article's
    removed: list[tuple[int, Removed]] = field(default_factory=list)  # with the place in the page, for reading order
    texts: list[Text] = field(default_factory=list)  # those that the site's memory is told of

    @property
    def core(self) -> list[Block]:
        """What is kept and was taken for the article from the first."""
        return [block for block in self.kept if block.index not in self.unlikely] if self.unlikely else self.kept

    def take_back(self, blocks: Sequence[Block]) -> None:
        """Count blocks that were not taken for the article as taken."""
        back = {block.index for block in blocks}
        if back:
            self.unlikely = {index: reason for index, reason in self.unlikely.items() if index not in back}

    def cut(self, blocks: Sequence[Block], kind: Kind, reason: str) -> None:
        """Take blocks out and write down why."""
        self.cut_each([(block, kind, reason) for block in blocks])

    def cut_each(self, found: Sequence[tuple[Block, Kind, str]]) -> None:
        """Take blocks out, each for a reason of its own; all that a step has found at once, for it costs a pass."""
        gone = {block.index for block, _, _ in found}
        self.kept = [block for block in self.kept if block.index not in gone]
        self.removed += [(b.index, Removed(kind=kind, text=b.text, reason=reason)) for b, kind, reason in found]

    def cut_parts(self, position: int, text: str, parts: Sequence[Removed]) -> None:
        """Leave ``text`` of the kept block at a position, and write down what was cut of it."""
        block = self.kept[position]
        self.kept[position] = block.with_text(text)
        self.removed += [(block.index, part) for part in parts]
