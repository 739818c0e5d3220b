"""Why a page reads as it does: every text kept or cut with its reason, every field with what was passed over for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from crawler.extraction.around import inside
from crawler.extraction.blocks import Block, read_blocks
from crawler.extraction.body import Found
from crawler.extraction.candidates import SAME, Candidate
from crawler.extraction.dates.weighed import dates_weighed
from crawler.extraction.declared import types_of
from crawler.extraction.extract import Look, as_extract, look_at, reading_of
from crawler.extraction.model.judge import LIKELY
from crawler.extraction.model.weights import Weights
from crawler.extraction.weighed import fields_weighed
from crawler.items import BlockKind, Dated, Extract, Kind, Page, Refused, Removed

OUTSIDE = "outside the element that holds the headline and most paragraphs"


class Fate(StrEnum):
    """What became of a text of the page."""

    KEPT = "kept"
    CUT = "cut"  # it stood in the article's place
    ELSEWHERE = "elsewhere on the page"  # it was not taken for the article from the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A text, whole or a part of a block's: kept where ``kind`` is None, else cut for ``reason``."""

    text: str
    kind: Kind | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One block of the page as its parts in reading order; ``reason`` tells why it is elsewhere, or is kept even so."""

    fate: Fate
    parts: tuple[Part, ...]
    block: BlockKind = BlockKind.PARAGRAPH
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the record as a person reads it, where it was read, and what was passed over for it."""

    name: str
    value: str
    source: str = ""
    also: str = ""  # other places that say the same
    notes: tuple[str, ...] = ()
    rejected: tuple[Candidate, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Whether the page states nothing of it at all."""
        return not (self.value or self.rejected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What was made of a page: the extract, also of one that is refused; None where nothing could be read."""

    url: str
    refused: Refused | None = None
    extract: Extract | None = None
    fields: tuple[Field, ...] = ()
    lines: tuple[Line, ...] = ()

    def number_of(self, fate: Fate) -> int:
        """How many texts of the page came to this."""
        return sum(line.fate is fate for line in self.lines)


def explain(page: Page, weights: Weights | None = None) -> Explanation:
    """What of a page is kept, what is cut, and why; of one that is no article, too."""
    look = look_at(page, weights)
    if isinstance(look, Refused):
        return Explanation(url=page.url, refused=look)
    extract = as_extract(page, reading_of(page, look))
    fields = (_page_type(look, look.refused), *_fields(page, look, extract))
    return Explanation(url=page.url, refused=look.refused, extract=extract, fields=fields, lines=_lines(look))


def _lines(look: Look) -> tuple[Line, ...]:
    """All blocks of the page in reading order, also those outside the element that alone was looked at."""
    container, looked_at = look.found.container, _lines_looked_at(look.found)
    if container is None:
        return looked_at
    blocks = read_blocks(look.tree)
    is_inside = list(map(inside(container), (block.element for block in blocks)))
    outside = [
        Line(fate=Fate.ELSEWHERE, parts=(Part(text=block.text),), block=block.kind, reason=OUTSIDE)
        for block, is_in in zip(blocks, is_inside, strict=True)
        if not is_in
    ]
    before = is_inside.index(True)
    return (*outside[:before], *looked_at, *outside[before:])


def _lines_looked_at(found: Found) -> tuple[Line, ...]:
    kept = {block.index: block for block in found.body.kept}
    cut: defaultdict[int, list[Removed]] = defaultdict(list)
    for index, removed in found.body.removed:
        cut[index].append(removed)
    return tuple(_line(block, kept.get(block.index), cut.get(block.index, ()), found) for block in found.blocks)


def _line(block: Block, kept: Block | None, removed: Sequence[Removed], found: Found) -> Line:
    if kept is not None:
        parts = _parts(block.text, removed, Part(text=""))
        return Line(fate=Fate.KEPT, parts=parts, block=block.kind, reason=_why_kept(block, found))
    if removed:
        rest = Part(text="", kind=removed[-1].kind, reason=removed[-1].reason)
        parts = _parts(block.text, removed, rest) if len(removed) > 1 else (replace(rest, text=block.text),)
        return Line(fate=Fate.CUT, parts=parts, block=block.kind)
    reason = _why_elsewhere(block, found)
    return Line(fate=Fate.ELSEWHERE, parts=(Part(text=block.text),), block=block.kind, reason=reason)


def _parts(text: str, removed: Sequence[Removed], rest: Part) -> tuple[Part, ...]:
    """A block's text in reading order: what was cut of it where it stood, and what is left as ``rest`` has it."""
    parts: list[Part] = []
    position = 0
    for start, cut in sorted(_placed(text, removed), key=lambda placed: placed[0]):
        parts += [replace(rest, text=text[position:start]), Part(text=cut.text, kind=cut.kind, reason=cut.reason)]
        position = max(position, start + len(cut.text))
    parts.append(replace(rest, text=text[position:]))
    return tuple(part for part in parts if part.text.strip())


def _placed(text: str, removed: Iterable[Removed]) -> Iterator[tuple[int, Removed]]:
    """Each cut with where it stood; one that is not found as it was written down stands at the end."""
    position = 0
    for cut in removed:
        start = text.find(cut.text, position)
        start = text.find(cut.text) if start < 0 else start
        position = len(text) if start < 0 else start + len(cut.text)
        yield (len(text) if start < 0 else start), cut


def _why_elsewhere(block: Block, found: Found) -> str:
    if not found.verdict.likely:
        return f"not in the text that was found by {found.source}"
    if found.source == "trafilatura":
        return f"trafilatura did not take it; block model: {found.verdict.why(block.index)}"
    return f"block model: {found.verdict.why(block.index)}"


def _why_kept(block: Block, found: Found) -> str:
    """Why a text is kept that the block model would not have taken; "" for others."""
    likely = found.verdict.likely[block.index] if found.verdict.likely else 1.0
    if likely >= LIKELY:
        return ""
    by_other = found.source == "trafilatura" or block.index in found.verdict.taken
    return f"{likely:.0%} likely, {'taken by ' + found.source if by_other else 'taken for its place in the text'}"


def _page_type(look: Look, refused: Refused | None) -> Field:
    """Whether it is an article, on what that rests."""
    seen, declared = look.seen, look.declared
    kinds = sorted(types_of(declared.article)) if declared.article else []
    stated = [
        *(f"declared as {kind}" for kind in kinds),
        *([f"og:type {og}"] if (og := declared.first("og:type")) else []),
    ]
    length = f"{seen.chars:,} characters of text, the longest paragraph {seen.longest:,}"
    notes = (
        *(stated or ["declares no article"]),
        length,
        "a date of publication was found" if seen.is_dated else "no date of publication was found",
        "signed, or dated by more than a guess" if seen.is_signed else "neither signed nor surely dated",
        *([f"{seen.teasers.cards:,} teasers of other pages"] if seen.teasers.cards else []),
    )
    if refused:
        return Field(name="page type", value=f"refused: {refused.reason}", source=refused.detail, notes=notes)
    return Field(name="page type", value="article", source="all checks of page types passed", notes=notes)


def _fields(page: Page, look: Look, extract: Extract) -> tuple[Field, ...]:
    weighed = {
        **fields_weighed(look.tree, look.declared, page, look.metadata, extract),
        **dates_weighed(look.tree, look.declared, page, look.metadata.text_language, look.dates),
    }
    free = extract.is_accessible_for_free
    values = {
        "title": extract.title,
        "summary": extract.summary,
        "authors": ", ".join(author.name for author in extract.authors),
        "date_published": extract.published.value if extract.published else None,
        "date_modified": extract.modified.value if extract.modified else None,
        "language": extract.language,
        "canonical_url": extract.canonical_url,
        "publisher": extract.publisher,
        "section": extract.section,
        "tags": ", ".join(extract.tags),
        "image": extract.image,
        "is_accessible_for_free": None if free is None else str(free).lower(),
        "rights": "; ".join(f"{name}: {value}" for name, value in sorted(extract.rights.items())),
        "content_text": _length(extract.paragraphs),
    }
    notes = _notes(extract)
    return tuple(
        Field(
            name=name,
            value=value or "",
            source=extract.sources.get(name, "") if value else "",
            notes=(*_written(weighed.get(name, ())), *notes.get(name, ())),
            also=", ".join(dict.fromkeys(c.source for c in weighed.get(name, ()) if c.why_not == SAME)),
            rejected=tuple(c for c in weighed.get(name, ()) if c.why_not not in {"", SAME}),
        )
        for name, value in values.items()
    )


def _length(paragraphs: Sequence[str]) -> str:
    number = len(paragraphs)
    return f"{sum(map(len, paragraphs)):,} characters in {number:,} paragraph{'' if number == 1 else 's'}"


def _written(candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """How the value that was taken stands in the page, where that is more."""
    return tuple(f"written “{c.written}”" for c in candidates if c.written and not c.why_not)


def _notes(extract: Extract) -> Mapping[str, tuple[str, ...]]:
    sure = f"{extract.confidence:.0%} of it is expected to be right"
    return {
        "date_published": _of_date(extract.published),
        "date_modified": _of_date(extract.modified),
        "content_text": (sure, *(f"a correction was moved out of it: {text}" for text in extract.corrections)),
    }


def _of_date(dated: Dated | None) -> tuple[str, ...]:
    if dated is None:
        return ()
    others = (f"or {', '.join(dated.alternatives)}",) if dated.alternatives else ()
    return (f"{dated.confidence} confidence", f"written “{dated.raw}”", *others, *dated.decided_by)
