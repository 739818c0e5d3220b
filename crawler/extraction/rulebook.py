"""The packaged rules, one TOML per language, and which of them a text calls. docs/rules.md tells how to write one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from operator import itemgetter

from crawler.extraction.rule import KEY, MAX_UNCUED_WORDS, WORD, Rule, parse_rules

ANY = "any"  # the file that holds for every language
ALIASES = {"nb": "no", "nn": "no", "bs": "hr", "sr": "hr", "sh": "hr", "ms": "id"}
_first_letters = itemgetter(slice(KEY))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rulebook:
    """The rules that hold for a page, with an index of their cues: most texts call none and are done with."""

    rules: tuple[Rule, ...]
    uncued: tuple[int, ...]  # the places of the rules for labels, tried on every short text
    places: Mapping[str, tuple[int, ...]]  # cue → the places of its rules
    cues: Mapping[str, tuple[str, ...]]  # the first letters of a cue's first word → such cues
    signs: tuple[str, ...]  # the cues that do not begin with a word
    addressing: tuple[Rule, ...]  # what speaks to the reader: tried beside a notice only

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> Rulebook:
        """The rules, indexed."""
        places: dict[str, list[int]] = {}
        cues: dict[str, list[str]] = {}
        for place, rule in enumerate(rules):
            for cue in rule.cues:
                places.setdefault(cue, []).append(place)
        for cue in places:
            if word := WORD.match(cue):
                cues.setdefault(word[0][:KEY], []).append(cue)
        return cls(
            rules=tuple(rules),
            uncued=tuple(place for place, rule in enumerate(rules) if not rule.cues and rule.beside != "whole"),
            places={cue: tuple(found) for cue, found in places.items()},
            cues={key: tuple(found) for key, found in cues.items()},
            signs=tuple(cue for cue in places if not WORD.match(cue)),
            addressing=tuple(rule for rule in rules if rule.beside == "whole"),
        )

    def called(self, text: str) -> list[Rule]:
        """The rules of which a folded text holds a cue at a word's start and, if it is short, those without cues."""
        keys = self.cues.keys() & set(map(_first_letters, WORD.findall(text)))
        found = {cue for key in keys for cue in self.cues[key] if cue in text}
        found.update(cue for cue in self.signs if cue in text)
        called = {place for cue in found for place in self.places[cue]}
        if text.count(" ") <= MAX_UNCUED_WORDS:
            called.update(self.uncued)
        return [self.rules[place] for place in sorted(called)]


def rulebook(languages: Sequence[str]) -> Rulebook:
    """The rules for these languages (BCP 47) and those for any; all there are where one is unknown or none is named."""
    return _rulebook_of(tuple(languages))


@lru_cache(maxsize=256)
def _rulebook_of(languages: tuple[str, ...]) -> Rulebook:
    wanted = [language.replace("_", "-").partition("-")[0].lower() for language in languages]
    wanted = [ALIASES.get(language, language) for language in wanted]
    known = languages_known()
    names = dict.fromkeys(wanted) if wanted and set(wanted) <= set(known) else known
    return _rulebook(tuple(names))


@lru_cache(maxsize=64)
def _rulebook(names: tuple[str, ...]) -> Rulebook:
    return Rulebook.of([rule for name in (ANY, *names) for rule in packaged_rules(name)])


@lru_cache(maxsize=1)
def languages_known() -> tuple[str, ...]:
    """The languages that have a file of rules, in alphabetical order."""
    files = resources.files("crawler.extraction").joinpath("rules").iterdir()
    return tuple(sorted(f.name[:-5] for f in files if f.name.endswith(".toml") and f.name != f"{ANY}.toml"))


@lru_cache(maxsize=64)
def packaged_rules(language: str) -> tuple[Rule, ...]:
    """The rules of one packaged file, which the tests check. Raises RuleError."""
    file = resources.files("crawler.extraction").joinpath("rules", f"{language}.toml")
    return parse_rules(language, file.read_text(encoding="utf-8"), is_tested=True)
