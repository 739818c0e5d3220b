"""The names in a byline: "By Ann Lee, Political Editor, and Bo Ek | 3 May" says Ann Lee and Bo Ek."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawler.extraction.dates.words import month_number
from crawler.extraction.names import (
    MAX_NAME,
    WORDS,
    is_agency,
    is_particle,
    is_role,
    looks_like_name,
    tidy_case,
    without_role,
)
from crawler.extraction.outlet import plain
from crawler.extraction.text import text_key

MAX_BYLINE = 300  # longer texts are no byline
_NO_NAMES = frozenset(text_key(name) for name in WORDS["no_names"])
_SUFFIXES = frozenset(WORDS["suffixes"])


def _any_of(phrases: Iterable[str]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))


_LEAD = re.compile(rf"^(?:(?:{_any_of(WORDS['lead'])})(?:\s*[:：/／]\s*|\s+))+", re.IGNORECASE)
_SURE_LEAD = re.compile(rf"^(?:{_any_of(WORDS['sure_lead'])})(?:(?<=:)\s*|\s+)(?=\w)", re.IGNORECASE)
_GLUED = re.compile(rf"^(?:{'|'.join(f'[{w[0]}{w[0].upper()}]{w[1:]}' for w in WORDS['glued_lead'])})(?=[^\W\d_])")
_NOT_WRITER = re.compile(
    rf"^(?:{_any_of(WORDS['not_writers'])})(?:\s*[:：©/]|\s+(?:by|von|de|di|par|por|door|przez)\s)", re.IGNORECASE
)
_COLON = re.compile(r"^[^\W\d]+(?:\s[^\W\d]+){0,2}\s*[:：]\s*")
_ADDRESSES = re.compile(r"\S+@\S+\.\S+|https?://\S+|(?<!\S)www\.\S+|(?<!\S)@[\w.]+")
_BRACKETS = re.compile(r"\s*[(\[（【][^)\]）】]*[)\]）】]\s*")
_FOR = re.compile(r"\s[Ff]or\s.*$")  # "… for The Example", of a freelance or a partner
# what follows a name; written small, or as the start of a phrase of its own ("Updated …", "Foto: …")
_TAIL = _any_of([*WORDS["tail"], *(word.capitalize() for word in WORDS["tail"] if len(word) > 4)])
_CUT = re.compile(rf"\s*(?:[|｜•·●▪►>»‣~*=]|\s[–—-]+\s|…|\.\.\.|\d|(?<=\s)(?:{_TAIL})(?=[\s:]|$)).*$")
# single letters join names in lower case only: a capital one is an initial
_LONG_BETWEEN = _any_of(word for word in WORDS["between"] if len(word) > 2)
_BETWEEN = re.compile(rf"\s+(?:{_any_of(WORDS['between'])}|(?i:{_LONG_BETWEEN}))\s+")
_FIRST_BETWEEN = re.compile(rf"^(?:{_any_of(WORDS['between'])})\s+")
_DAY_OR_TIME = re.compile(r"\b\d{1,2}(?::\d{2})?\b")
_LIST = re.compile(r"\s*(?:[,;，、،]|\s/|/\s|\s[|•·]\s)\s*")
_DASH = re.compile(r"\s[–—-]\s")
_TWICE = re.compile(r"^(.{4,})\s\1$")  # once for the eye, once for the ear
_AROUND = " ,;:|/-–—•·'\"“”«»‹›<>&"


def read_names(text: str, *, structured: bool = False) -> list[str]:
    """The names in a byline in its order.

    ``structured`` says that the text was declared as a name: it then need not look like one, and is cut less.

    >>> read_names("byMaria Tril")
    ['Maria Tril']
    >>> read_names("Von Hans Meier und Eva Roth, Redakteurin | 3. Mai 2025")
    ['Hans Meier', 'Eva Roth']
    """
    text = plain(text[: 4 * MAX_BYLINE])
    if not text or len(text) > MAX_BYLINE or _NOT_WRITER.match(text):
        return []
    text = _without_lead(_ADDRESSES.sub(" ", text).strip(_AROUND), structured=structured)
    text = _without_date(_BRACKETS.sub(" ", text).strip())
    text = _before_dash(_FOR.sub("", text)) if structured else _CUT.sub("", text)
    text = _TWICE.sub(r"\1", text)
    parts = [piece for part in _listed(text) for piece in _joined(part)]
    return _distinct(_named(parts, structured=structured))


def has_sure_lead(text: str) -> bool:
    """Whether a line begins as a byline does.

    >>> [has_sure_lead(t) for t in ("By Ann Lee", "byAnn Lee", "Автор: Марія Триль", "Bygones", "Party time")]
    [True, True, True, False, False]
    """
    glued = _GLUED.match(text)
    return bool((glued and text[glued.end()].isupper()) or _SURE_LEAD.match(text))


def _without_lead(text: str, *, structured: bool) -> str:
    """Without "By", "Ein Beitrag von", "Автор:"; a small word that may begin a name stays before a single word."""
    glued = _GLUED.match(text)
    if glued and text[glued.end()].isupper():
        text = text[glued.end() :]
    for pattern in (_SURE_LEAD, _COLON) if structured else (_LEAD, _COLON, _LEAD):
        lead = pattern.match(text)
        rest = text[lead.end() :] if lead else text
        if not (lead and is_particle(lead[0].strip()) and lead[0].istitle() and len(rest.split()) == 1):
            text = rest
    return text


def _before_dash(text: str) -> str:
    """The name before a dash, behind which is the job, the team or the outlet: "Ann Lee - The Example Team"."""
    name, *rest = _DASH.split(text, maxsplit=1)
    return name if rest and looks_like_name(name) else text


def _without_date(text: str) -> str:
    """Without the date or time that follows the names: "Ann Lee November 20, 2019 10:43"."""
    for dated in _DAY_OR_TIME.finditer(text):
        before = text[: dated.start()].split()
        if ":" in dated[0]:
            return " ".join(before)
        if before and month_number(before[-1]) is not None:
            return " ".join(before[:-1])
    return text


def _listed(text: str) -> list[str]:
    """The parts between commas; "Lee, Ann" is one name, and so is "Sam Roe, Jr."."""
    parts = [part for part in _LIST.split(text) if part]
    if len(parts) == 2 and "," in text and all(_is_plain_word(part) for part in parts):
        return [f"{parts[1]} {parts[0]}"]
    kept: list[str] = []
    for part in parts:
        if not (kept and part.casefold() in _SUFFIXES):
            kept.append(part)
        elif part.casefold().startswith(("jr", "sr")):
            kept[-1] = f"{kept[-1]}, {part}"
    return kept


def _is_plain_word(part: str) -> bool:
    """One word as of a first or a last name: "Lee" and not "dpa", "SID" or "Redakteurin"."""
    fine = part.isalpha() and part.istitle() and len(part) > 1
    return fine and not is_agency(part) and not is_role(part) and part.casefold() not in _SUFFIXES


def _joined(part: str) -> list[str]:
    """Split at "and" where names, or single words throughout, stand on both sides; never inside a name."""
    for pieces in (_BETWEEN.split(_FIRST_BETWEEN.sub("", part)), part.split("/")):
        sure = [looks_like_name(p) or is_agency(p) for p in pieces]
        single = all(len(p.split()) == 1 and len(p) > 2 for p in pieces) and "/" not in part
        if len(pieces) > 1 and (all(sure) or single or (sure[0] and not without_role(pieces[-1]))):
            return pieces
    return [part]


def _named(parts: list[str], *, structured: bool) -> list[str]:
    names = [_unstopped(without_role(part.strip(_AROUND))) for part in parts]
    names = [name for name in names if len(name) <= MAX_NAME and text_key(name) and text_key(name) not in _NO_NAMES]
    sure = [name for name in names if looks_like_name(name) or is_agency(name)]
    if not structured or (sure and names[0] == sure[0]):
        names = sure  # the rest are the job, the institute, the town
    return [tidy_case(name) for name in names if len(name.split()) <= 8]


def _unstopped(name: str) -> str:
    """Without the full stop of a sentence; that of an initial or an abbreviation stays."""
    return name.rstrip(".") if name.count(".") == 1 and name[-3:-2].islower() and not name.endswith("r.") else name


def _distinct(names: list[str]) -> list[str]:
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(text_key(name), name)
    return list(found.values())
