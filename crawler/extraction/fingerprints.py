"""Texts as numbers that pages of a site can be compared by: alike for what a template fills in anew on each page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from zlib import crc32

from crawler.extraction.text import text_key

TERM_LETTERS = 4  # a shorter word says little of a text's subject, in most languages
STEM_LETTERS = 5  # by which the forms of a word are mostly alike
MAX_TERMS = 24  # of one text
MOST_NUMBERS = 3  # of a text that a template fills in

_NUMBER = re.compile(r"\d+(?:[\s.,:/\u00a0\u202f-]?\d+)*")
_IDEOGRAPHS = re.compile("[\u3400-\u9fff\u30a0-\u30ff]{2,}")
# vowels and tones that are no letters to Unicode
_MARKS = "\u0300-\u036f\u0900-\u0dff\u0e30-\u0e4e\u0eb0-\u0ecd\u0f71-\u0fbc\u1000-\u109f\u1780-\u17d3"
_LETTER = rf"(?:[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[{_MARKS}])"
_WORD = re.compile(rf"{_LETTER}{{{TERM_LETTERS},}}|[\uac00-\ud7a3]{{2,}}")  # two syllables of Hangul are a word
NAME, NUMBER = " x ", "0"


def fingerprint(text: str, names: Iterable[str] = ()) -> int:
    """A number of 63 bits that two texts share whose letters are alike, whatever their numbers and ``names`` are.

    >>> fingerprint("Already 1 243 readers back Ann Lee!", ["Ann Lee"]) == fingerprint(
    ...     "already 87 readers back Bo Ek", ["Bo Ek"]
    ... )
    True
    """
    return of_letters(text_key(masked(text, names)))


def of_letters(letters: str) -> int:
    """The fingerprint of a masked text, by its key."""
    return int.from_bytes(blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1


def exact(text: str) -> int:
    """A number of 32 bits that two texts share whose letters and digits are alike."""
    return exact_of_letters(text_key(text))


def exact_of_letters(letters: str) -> int:
    """Likewise, by the text's key."""
    return crc32(letters.encode("utf-8", "surrogatepass"))


def brief(exact: int) -> int:
    """24 bits of an exact fingerprint, for what is kept by the million."""
    return exact & 0xFFFFFF


def masked(text: str, names: Iterable[str] = ()) -> str:
    """The text with each number, and each of the names, as one sign; numbers stay where there are many: facts."""
    for name in names:
        text = text.replace(name, NAME) if len(name) > 1 else text
    one_sign, numbers = _NUMBER.subn(NUMBER, text)
    return one_sign if numbers <= MOST_NUMBERS else text


def place_of(*path: str) -> int:
    """A number of 32 bits for a place, from the names of the elements that it is in."""
    return crc32("/".join(path).encode("utf-8", "surrogatepass"))


def terms_of(text: str) -> tuple[int, ...]:
    """The longer words of a text as numbers of 32 bits, each once, forms of a word mostly alike.

    Of scripts without spaces, pairs of ideographs and katakana stand for words.
    """
    words = (word[:STEM_LETTERS] for word in _WORD.findall(text.casefold()))
    found = dict.fromkeys([*words, *_pairs(text)])
    return tuple(map(_term, list(found)[:MAX_TERMS]))


def _pairs(text: str) -> Iterator[str]:
    for run in _IDEOGRAPHS.findall(text):
        yield from (run[i : i + 2] for i in range(len(run) - 1))


@lru_cache(maxsize=8192)
def _term(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))
