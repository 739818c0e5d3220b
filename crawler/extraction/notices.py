"""Notices: what stands in an article's text and is not the article, by the rules of the page's languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.extraction.rule import Rule
from crawler.extraction.rulebook import Rulebook, rulebook
from crawler.extraction.sentences import Reading, folded, is_speech, masked, reading, sentence_spans
from crawler.items import Kind, Removed

MAX_BLOCK_CHARS = 3_000  # no notice is longer: what is longer is an article, or an attack
MOST = 0.7  # of a block whose first and last sentences are notices
WHOLE_APPEAL = 4  # sentences from which a block that shows signs in each is an appeal from its first word on
MAX_LABELS_CHARS = 160  # of a line of labels such as a share bar
_PARTING = re.compile(r"\s[·•|/]\s")
LEAST_SURE = 0.25  # of an appeal's words that must be sure, for the rest to be its speech to the reader
SHORT_QUESTION = 8  # words
MAX_PARAGRAPH_CHARS = 30_000  # of a longer one nothing is cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A text's kind of boilerplate, and the rule and words that show it."""

    kind: Kind
    reason: str


def block_notice(text: str, *, languages: Sequence[str], link_share: float = 0.0) -> Notice | None:
    """The notice that a whole block of text is, or None.

    ``languages`` are BCP 47 tags; with an unknown one, or none, the rules of all languages are tried. ``link_share`` is
    the share of the block's characters that stand in links. What stands in quotation marks never makes a notice.

    >>> block_notice("Please donate to our newsroom today!", languages=["en"]).kind.value
    'donation appeal'
    >>> block_notice("The charity asked readers to donate to its newsroom.", languages=["en"])
    """
    if len(text) > MAX_BLOCK_CHARS:
        return None
    rules = rulebook(languages)
    called = _called(text, rules)
    if called.blocks and (notice := _first(called.blocks, reading(masked(text)), link_share)):
        return notice
    if notice := _of_parts(text, languages, link_share):
        return notice
    return _whole(_judged(text, rules))


def _of_parts(text: str, languages: Sequence[str], link_share: float) -> Notice | None:
    """The notice that a line of labels is, parted by dots or bars, each of them a notice by itself."""
    parts = [part.strip() for part in _PARTING.split(text)] if len(text) <= MAX_LABELS_CHARS else []
    if len(parts) < 2 or not all(parts):
        return None
    found = [block_notice(part, languages=languages, link_share=link_share) for part in parts]
    return found[0] if all(found) else None


def _whole(judged: Sequence[tuple[str, Notice | None]]) -> Notice | None:
    """The first sentence's notice, where the last is one too and most of the text between belongs to them."""
    if not judged or not judged[0][1] or not judged[-1][1]:
        return None
    cut = sum(len(part) for part, verdict in judged if verdict)
    if cut < MOST * sum(len(part) for part, _ in judged):
        return None
    # an ad-block notice asks for support too, before it names the blocker
    return next((v for _, v in judged if v and v.kind is Kind.ADBLOCK), judged[0][1])


def cut_notices(text: str, *, languages: Sequence[str]) -> tuple[str, list[Removed]]:
    """A paragraph without the notice sentences that share it with the article, and those sentences.

    The kept sentences stand exactly as they stood; a text without notices comes back as it is.

    >>> cut_notices("The mayor resigned. Subscribe to our newsletter!", languages=["en"])[0]
    'The mayor resigned.'
    """
    if len(text) > MAX_PARAGRAPH_CHARS:
        return text, []
    judged = _judged(text, rulebook(languages))
    removed = [Removed(kind=v.kind, text=part.strip(), reason=v.reason) for part, v in judged if v]
    if not removed:
        return text, []
    return "".join(part for part, verdict in judged if not verdict).strip(), removed


def _notice(rule: Rule, found: str) -> Notice:
    words = found if len(found) <= 80 else found[:79] + "…"
    return Notice(kind=rule.kind, reason=f"{rule.language} {rule.name}: {words}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Called:
    """The rules to try on a text, by what they are tried on."""

    blocks: tuple[Rule, ...]
    sentences: tuple[Rule, ...]
    beside: tuple[Rule, ...]
    addressing: tuple[Rule, ...]
    appeals: tuple[Rule, ...]


@lru_cache(maxsize=256)
def _called(text: str, rules: Rulebook) -> _Called:
    """The rules to try on a text: kept, for a block is asked about whole first and by its sentences then."""
    called = rules.called(folded(text))
    words = text.count(" ") - 2  # a dash or bullet at either end is no word to the rules
    return _Called(
        blocks=tuple(rule for rule in called if rule.is_for_blocks and words <= rule.max_words),
        sentences=tuple(rule for rule in called if rule.is_for_sentences),
        beside=tuple(rule for rule in called if rule.beside == "next"),
        addressing=rules.addressing,
        appeals=tuple(rule for rule in called if rule.match == "signs"),
    )


@lru_cache(maxsize=256)  # likewise
def _judged(text: str, rules: Rulebook) -> Sequence[tuple[str, Notice | None]]:
    """Each sentence with the notice that it is; the empty list where no rule for sentences is called, and of speech."""
    called = _called(text, rules)
    if (not called.sentences and not called.appeals) or is_speech(text):
        return []
    hidden = masked(text)
    spans = sentence_spans(hidden)
    readings = [reading(hidden[start:end] if end - start <= MAX_BLOCK_CHARS else "") for start, end in spans]
    verdicts = [_first(called.sentences, seen) for seen in readings]
    for rule in called.appeals:
        if rule.may_stand_in(readings):
            _add_appeal(rule, readings, verdicts)
    if any(verdicts):
        _spread(called.beside, readings, verdicts)
        _add_addressed(called.addressing, readings, verdicts)
    return [(text[start:end], verdict) for (start, end), verdict in zip(spans, verdicts, strict=True)]


def _first(rules: Sequence[Rule], seen: Reading, link_share: float = 0.0) -> Notice | None:
    for rule in rules:
        if found := rule.words_found(seen, link_share):
            return _notice(rule, found)
    return None


def _add_appeal(rule: Rule, readings: Sequence[Reading], verdicts: list[Notice | None]) -> None:
    """Find the runs of sentences that all show a sign of the rule and together enough of them."""
    signs = [rule.signs_found(seen) for seen in readings]
    for start, end in _runs([bool(found or verdict) for found, verdict in zip(signs, verdicts, strict=True)]):
        is_all = end - start == len(signs) >= WHOLE_APPEAL
        first = next((i for i in range(start, end) if verdicts[i] or _may_begin(rule, signs[i], is_all=is_all)), end)
        together = frozenset[str]().union(*signs[first:end])
        if sum(seen.words for seen in readings[first:end]) > rule.max_words or not rule.is_enough(together):
            continue
        if not any(rule.is_vetoed(seen) for seen in readings[first:end]):
            notice = _notice(rule, " + ".join(sorted(together)))
            verdicts[first:end] = [verdict or notice for verdict in verdicts[first:end]]


def _may_begin(rule: Rule, signs: frozenset[str], *, is_all: bool) -> bool:
    """Whether an appeal may begin with a sentence of these signs: one weak word may stand in the article before it."""
    return bool(signs & rule.must) or len(signs) >= 2 or (is_all and bool(signs - rule.weak))


def _runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """The stretches of true flags as half-open ranges; one false flag between two true ones does not part them.

    >>> _runs([True, False, True, False, False, True])
    [(0, 3), (5, 6)]
    """
    flags = [flag or (0 < i < len(flags) - 1 and flags[i - 1] and flags[i + 1]) for i, flag in enumerate(flags)]
    starts = [i for i, flag in enumerate(flags) if flag and not (i and flags[i - 1])]
    ends = [i + 1 for i, flag in enumerate(flags) if flag and not (i + 1 < len(flags) and flags[i + 1])]
    return list(zip(starts, ends, strict=True))


def _spread(rules: Sequence[Rule], readings: Sequence[Reading], verdicts: list[Notice | None]) -> None:
    """Give up the sentences that say nothing of their own beside a notice, such as its thanks."""
    order = [*range(1, len(verdicts)), *range(len(verdicts) - 2, -1, -1)]
    for i in order:
        beside = (i > 0 and verdicts[i - 1]) or (i + 1 < len(verdicts) and verdicts[i + 1])
        if beside and not verdicts[i]:
            verdicts[i] = _first(rules, readings[i])


def _add_addressed(rules: Sequence[Rule], readings: Sequence[Reading], verdicts: list[Notice | None]) -> None:
    """Where all the rest of a text speaks to the reader too, it is the notice's own: its lead-in, its reasons."""
    sure = sum(seen.words for seen, verdict in zip(readings, verdicts, strict=True) if verdict)
    if all(verdicts) or sure < LEAST_SURE * sum(seen.words for seen in readings):
        return
    spoken = (
        bool(verdict or _is_short_question(seen) or _first(rules, seen))
        for seen, verdict in zip(readings, verdicts, strict=True)
    )
    if all(spoken):
        first = next(verdict for verdict in verdicts if verdict)
        verdicts[:] = [
            v or Notice(kind=first.kind, reason=f"{first.reason} (and the rest speaks to the reader)") for v in verdicts
        ]


def _is_short_question(seen: Reading) -> bool:
    """Such as "Enjoyed the reporting?"."""
    return seen.words <= SHORT_QUESTION and seen.plain.rstrip().endswith("?")
