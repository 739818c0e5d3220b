"""The texts of a page that its site's memory is told of: blocks, the sentences in them, labels before links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from lxml.html import HtmlElement

from crawler.extraction import sentences
from crawler.extraction.blocks import Block
from crawler.extraction.fingerprints import exact_of_letters, masked, of_letters, place_of, terms_of
from crawler.extraction.model.layout import size_of
from crawler.extraction.structure import MAX_NAME_CHARS, words_of_name
from crawler.extraction.text import text_key
from crawler.items import Author
from crawler.site import Sighting

LEAST_LETTERS = 3
LABEL_SIZE = 34  # shorter texts are labels, headings, formulas
LEAST_SENTENCE = 20  # a shorter sentence may be anybody's
MAX_CHARS = 3_000  # of a text that may be furniture
EXAMPLE_CHARS = 120
LEVELS = 3  # elements that a place is told by
LEAD_WORDS = 6  # of a label before a link
DASHES = ("-", "–", "—")  # an agency's dateline ends so, and the text goes on behind it


@dataclass(frozen=True, eq=False)
class Text:
    """A whole block, or a part of it: a sentence, a label before a link."""

    block: Block
    text: str
    names: tuple[str, ...]
    part: Literal["", "sentence", "lead"] = ""

    @cached_property
    def letters(self) -> str:
        """What all its spellings share."""
        return text_key(self.text)

    @cached_property
    def key(self) -> int:
        """The number that the same text has on every page: its fingerprint."""
        told = masked(self.text, self.names)
        return of_letters(self.letters if told == self.text else text_key(told))

    def sighting(self, *, is_split: bool) -> Sighting:
        """What the site's memory is told of it."""
        return Sighting(
            text=self.key,
            exact=exact_of_letters(self.letters),
            place=place_of(*path_of(self.block.element), self.part),
            terms=() if is_split else terms_of(self.text),
            is_label=size_of(self.text) < LABEL_SIZE,
            names_author=any(name in self.text for name in self.names[1:]),
            example=self.text[:EXAMPLE_CHARS],
        )


def names_of(title: str, authors: Iterable[Author]) -> tuple[str, ...]:
    """What a template fills in on each page: the title first, then the authors' names; short ones of alphabets not."""
    names = (author.name for author in authors)
    return (title, *(name for name in names if size_of(name) > LEAST_LETTERS))


def path_of(element: HtmlElement) -> tuple[str, ...]:
    """What an element and the next ones around it are called, without numbers."""
    path: list[str] = []
    around: HtmlElement | None = element
    while around is not None and len(path) < LEVELS:
        path.append(_name(around.tag, (around.get("class") or "")[:MAX_NAME_CHARS]))
        around = around.getparent()
    return tuple(path)


@lru_cache(maxsize=4096)  # most elements of a page are called as others are
def _name(tag: str, classes: str) -> str:
    named = "".join(character for character in words_of_name(classes) if not character.isdigit())
    return f"{tag}.{' '.join(named.split())}"


def whole_texts(block: Block, names: tuple[str, ...]) -> Iterator[Text]:
    """The block's text, and the label before a link in it."""
    text = block.text
    whole = Text(block, text, names)
    if len(text) > MAX_CHARS or len(whole.letters) < LEAST_LETTERS or text.endswith(DASHES):
        return
    yield whole
    lead, colon, rest = text.partition(":")
    if (
        colon
        and rest
        and block.link_share >= 0.5
        and len(lead.split()) <= LEAD_WORDS
        and len(rest) <= block.link_chars + 2
    ):
        yield Text(block, lead + colon, names, "lead")


def sentence_texts(block: Block, names: tuple[str, ...]) -> list[tuple[Text, int, int]]:
    """The sentences of a paragraph that has several, with their places in it."""
    if len(block.text) > MAX_CHARS:
        return []
    spans = sentences.sentence_spans(sentences.masked(block.text))
    if len(spans) < 2:
        return []
    parts = [(block.text[start:end].strip(), start, end) for start, end in spans]
    return [
        (Text(block, part, names, "sentence"), start, end)
        for part, start, end in parts
        if size_of(part) >= LEAST_SENTENCE
    ]
