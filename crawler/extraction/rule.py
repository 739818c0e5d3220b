"""A notice rule, and how it is read from its table: checked, compiled, refused with file, table and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from crawler.extraction.patterns import compiled, expand, hazard
from crawler.extraction.sentences import Reading, folded
from crawler.items import Kind

Match = Literal["whole", "start", "end", "anywhere", "signs"]
Unit = Literal["block", "sentence", "either"]
Beside = Literal["no", "next", "whole"]  # next to a notice; or where all of the text is a notice or speaks like this

KEY = 3  # letters of a cue's first word by which it is looked up
MAX_UNCUED_WORDS = 15  # a rule for longer texts would be tried on most paragraphs
WORD = re.compile(r"\w+")

_WORDS = "words"
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "kind": str,
    "match": str,
    "unit": str,
    "max_words": int,
    "linked": (int, float),
    "beside": str,
    "cues": list,
    "patterns": list,
    "unless": list,
    "signs": dict,
    "must": list,
    "weak": list,
    "needs": int,
    "drop": list,
    "keep": list,
}
_COMPULSORY = ("kind", "match", "max_words", "drop", "keep")
_FORBIDDEN = {  # the keys that one way of matching has no use for
    "signs": ("patterns", "linked", "beside", "unit"),
    "whole": ("signs", "must", "weak", "needs"),
    "start": ("signs", "must", "weak", "needs"),
    "end": ("signs", "must", "weak", "needs"),
    "anywhere": ("signs", "must", "weak", "needs"),
}


class RuleError(ValueError):
    """A rules file that cannot be used: names the file, the table and the key."""


class Pattern:
    """A pattern that is compiled when it is first used: of a language's rules the pages of a crawl call few.

    Raises RuleError, with its ``place``, where it is none.
    """

    __slots__ = ("_place", "_sources", "fullmatch", "match", "search")

    fullmatch: Callable[[str], re.Match[str] | None]
    match: Callable[[str], re.Match[str] | None]
    search: Callable[[str], re.Match[str] | None]

    def __init__(self, sources: list[str], place: str) -> None:
        self._sources, self._place = sources, place

    def __getattr__(self, name: str) -> Any:
        """Of a method that is not there yet."""
        if name not in ("fullmatch", "match", "search"):
            raise AttributeError(name)
        self.compile()
        return getattr(self, name)

    def compile(self) -> re.Pattern[str]:
        """Make it ready now."""
        try:
            made = compiled(self._sources)
        except re.error as error:
            raise RuleError(f"{self._place}: not a pattern: {error}") from error
        self.fullmatch, self.match, self.search = made.fullmatch, made.match, made.search
        return made


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One kind of boilerplate in one language, ready to be tried on a text."""

    language: str
    name: str
    kind: Kind
    match: Match
    unit: Unit
    max_words: int
    linked: float
    beside: Beside
    cues: tuple[str, ...]
    pattern: Pattern
    unless: Pattern | None
    signs: Mapping[str, Pattern] = field(repr=False)
    must: frozenset[str]
    weak: frozenset[str]
    needs: int
    drop: tuple[str, ...] = field(repr=False)
    keep: tuple[str, ...] = field(repr=False)

    @property
    def is_for_blocks(self) -> bool:
        """Whether the rule is tried on a whole block at once."""
        return self.unit != "sentence" and self.match != "signs"

    @property
    def is_for_sentences(self) -> bool:
        """Whether the rule is tried on each sentence for itself."""
        return self.unit != "block" and self.match != "signs" and self.beside == "no"

    def words_found(self, text: Reading, link_share: float = 0.0) -> str | None:
        """The words by which the text is this rule's notice, or None."""
        if text.words > self.max_words or link_share < self.linked:
            return None
        match = self._found(text)
        return match[0] if match and not self.is_vetoed(text) else None

    def is_vetoed(self, text: Reading) -> bool:
        """Whether the text holds what this notice never says, such as a verb of reporting."""
        return bool(self.unless and self.unless.search(text.plain))

    def may_stand_in(self, sentences: Sequence[Reading]) -> bool:
        """Whether the sentences hold all compulsory signs: asked first, for most texts do not."""
        return all(any(self.signs[name].search(seen.plain) for seen in sentences) for name in self.must)

    def signs_found(self, text: Reading) -> frozenset[str]:
        """The names of the rule's signs that the text shows."""
        return frozenset(name for name, sign in self.signs.items() if sign.search(text.plain))

    def is_enough(self, signs: frozenset[str]) -> bool:
        """Whether these signs together make the notice."""
        return len(signs) >= self.needs and self.must <= signs

    def _found(self, text: Reading) -> re.Match[str] | None:
        if self.match == "whole":
            found = self.pattern.fullmatch(text.bare)
            return found if found or text.bare == text.plain else self.pattern.fullmatch(text.plain)
        if self.match == "start":
            found = self.pattern.match(text.opened)
            return found if found or text.opened == text.plain else self.pattern.match(text.plain)
        # the cue may stand in another sentence: a look for it is much cheaper than the search
        is_called = not self.cues or any(cue in text.folded for cue in self.cues)
        return self.pattern.search(text.plain) if is_called else None


def parse_rules(language: str, toml: str, *, is_tested: bool = False) -> tuple[Rule, ...]:
    """The rules of a file's text, checked. Raises RuleError with file, table, key and what was expected.

    The patterns of a file that ``is_tested`` are believed, and compiled when they are used.
    """
    try:
        tables = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{language}.toml: {error}") from error
    words = _word_lists(language, tables.pop(_WORDS, {}))
    return tuple(
        _Table(file=f"{language}.toml", name=name, keys=keys, words=words, is_tested=is_tested).rule()
        for name, keys in tables.items()
    )


def _word_lists(language: str, lists: Any) -> dict[str, str]:
    """The file's named word lists, later ones built from earlier ones."""
    words: dict[str, str] = {}
    for name, value in lists.items() if isinstance(lists, dict) else [(_WORDS, lists)]:
        try:
            if not isinstance(value, str):
                raise RuleError(f"{language}.toml: [words] {name}: expected a text")
            words[name] = expand(value, words)
        except KeyError as error:
            raise RuleError(f"{language}.toml: [words] {name}: no word list {error} before it") from error
    return words


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A rule's table while it is checked."""

    file: str
    name: str
    keys: Mapping[str, Any]
    words: Mapping[str, str]
    is_tested: bool

    def rule(self) -> Rule:
        """The checked rule."""
        self._check_keys()
        self._check_values()
        signs = {name: self._pattern(f"signs.{name}", found) for name, found in self.keys.get("signs", {}).items()}
        rule = Rule(
            language=self.file.removesuffix(".toml"),
            name=self.name,
            kind=Kind(self.keys["kind"]),
            match=self.keys["match"],
            unit=self.keys.get("unit", "block"),
            max_words=self.keys["max_words"],
            linked=float(self.keys.get("linked", 0)),
            beside=self.keys.get("beside", "no"),
            cues=tuple(folded(cue) for cue in self._texts("cues")),
            pattern=self._pattern("patterns", self._texts("patterns")),
            unless=self._pattern("unless", self._texts("unless")) if "unless" in self.keys else None,
            signs=signs,
            must=frozenset(self._texts("must")),
            weak=frozenset(self._texts("weak")),
            needs=self.keys.get("needs", len(signs)),
            drop=self._texts("drop"),
            keep=self._texts("keep"),
        )
        self._check_whole(rule)
        return rule

    def fail(self, key: str, expected: str) -> RuleError:
        return RuleError(f"{self.file}: [{self.name}] {key}: {expected}")

    def _check_keys(self) -> None:
        if not isinstance(self.keys, dict):
            raise self.fail(self.name, "expected a table")
        for key, value in self.keys.items():
            if key not in _TYPES:
                raise self.fail(key, f"unknown key; known are {', '.join(_TYPES)}")
            if not isinstance(value, _TYPES[key]) or (isinstance(value, bool) and _TYPES[key] is not bool):
                raise self.fail(key, f"expected {_TYPES[key]}, found {value!r}")
        for key in _COMPULSORY:
            if key not in self.keys:
                raise self.fail(key, "missing")

    def _check_values(self) -> None:
        choices = {"kind": [str(k) for k in Kind], "match": get_args(Match), "unit": get_args(Unit)}
        for key, allowed in (choices | {"beside": get_args(Beside)}).items():
            if key in self.keys and self.keys[key] not in allowed:
                raise self.fail(key, f"expected one of {', '.join(allowed)}; found {self.keys[key]!r}")
        for key in _FORBIDDEN[self.keys["match"]]:
            if key in self.keys:
                raise self.fail(key, f"has no use with match = {self.keys['match']!r}")
        for key in ("drop", "keep"):
            if len(set(self._texts(key))) < 2:
                raise self.fail(key, "expected two or more sample texts")
        needed = "signs" if self.keys["match"] == "signs" else "patterns"
        if not self.keys.get(needed):
            raise self.fail(needed, "missing")

    def _check_whole(self, rule: Rule) -> None:
        """What can only be seen when the keys are held together."""
        inside = rule.match in ("end", "anywhere", "signs") or rule.unit != "block"
        if not rule.cues and rule.beside == "no" and (inside or rule.max_words > MAX_UNCUED_WORDS):
            raise self.fail("cues", "missing: only a rule for short labels goes without")
        if short := [cue for cue in rule.cues if (word := WORD.match(cue)) and len(word[0]) < KEY and cue == word[0]]:
            raise self.fail("cues", f"{short[0]!r} is too short: {KEY} letters or a second word")
        for key in ("must", "weak"):
            if unknown := set(self._texts(key)) - set(rule.signs):
                raise self.fail(key, f"no such sign: {', '.join(sorted(unknown))}")
        for sample in rule.drop:
            if rule.cues and not any(cue in folded(sample) for cue in rule.cues):
                raise self.fail("cues", f"none stands in the drop example {sample!r}")

    def _texts(self, key: str) -> tuple[str, ...]:
        values = self.keys.get(key, [])
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise self.fail(key, "expected texts")
        return tuple(values)

    def _pattern(self, key: str, sources: Sequence[str]) -> Pattern:
        try:
            expanded = [expand(source, self.words) for source in sources]
            if self.keys["match"] == "end" and key == "patterns":
                expanded = [rf"(?:{source})\W{{0,5}}$" for source in expanded]
        except KeyError as error:
            raise self.fail(key, f"no word list {error} in [words]") from error
        pattern = Pattern(expanded, f"{self.file}: [{self.name}] {key}")
        if self.is_tested:
            return pattern
        pattern.compile()
        for source in expanded:
            if danger := hazard(source):
                raise self.fail(key, f"{danger} in {source!r}")
        return pattern
