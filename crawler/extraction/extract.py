"""The whole way of one page inside the pure room: bytes in, an extract or a refusal out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extraction.article import About, Body
from crawler.extraction.blocks import Block
from crawler.extraction.body import Found, find_anywhere, find_near
from crawler.extraction.boilerplate import DASHES
from crawler.extraction.confidence import UNSURE
from crawler.extraction.dates import Dates, find_dates
from crawler.extraction.declared import Declared, read_declared
from crawler.extraction.html import parse_html
from crawler.extraction.language import GUESSED, written_otherwise
from crawler.extraction.metadata import Metadata, read_metadata
from crawler.extraction.model.weights import Weights
from crawler.extraction.page_type import refused_by_type
from crawler.extraction.payload import refused_by_bytes
from crawler.extraction.rights import read_rights
from crawler.extraction.seen import Seen, seen_of
from crawler.extraction.text import text_key
from crawler.extraction.trace import trace_of
from crawler.items import BlockKind, Extract, Kind, Page, Reason, Refused
from crawler.site import Trace

DATELINE_CHARS = 60
READ_CHARS = 6_000  # of an article, by whose words its language is told

Reserved = Callable[[Mapping[str, str]], Refused | None]  # why a page of these rights is not to be kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A page as it was understood: every block, the article among them, and what was declared."""

    blocks: Sequence[Block]
    body: Body
    body_source: str
    confidence: float
    metadata: Metadata
    dates: Dates
    trace: Trace | None
    unread: int  # blocks of a very large page, its shortest


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All that was read of a page, and whether it is an article."""

    tree: HtmlElement
    declared: Declared
    metadata: Metadata
    found: Found
    dates: Dates
    seen: Seen
    refused: Refused | None  # as it is no article


def extract(page: Page, weights: Weights | None = None, reserved: Reserved | None = None) -> Extract | Refused:
    """What a page says, cleaned, or why it is no article. The same page gives the same answer on any day.

    ``weights`` are of another block model than the one that ships. A page that is ``reserved`` is read no further than
    to what says so.
    """
    reading = read_page(page, weights, reserved)
    return reading if isinstance(reading, Refused) else as_extract(page, reading)


def read_page(page: Page, weights: Weights | None = None, reserved: Reserved | None = None) -> Reading | Refused:
    """A page understood block by block, or why it is no article."""
    look = look_at(page, weights, reserved)
    if isinstance(look, Refused):
        return look
    return look.refused or reading_of(page, look)


def look_at(page: Page, weights: Weights | None = None, reserved: Reserved | None = None) -> Look | Refused:
    """All that can be read of a page, also of one that is no article; a refusal where nothing can, or may.

    Its article is looked for in the element around most paragraphs first, and on the whole page where that leaves a
    doubt: of where it stands, or whether there is one.
    """
    if refused := refused_by_bytes(page):
        return refused
    tree = parse_html(page.body, page.encoding)
    if tree is None:
        return Refused(reason=Reason.EMPTY, detail="no element in it")
    declared = read_declared(tree, page.url)
    if reserved is not None and (refused := reserved(read_rights(declared, page)[0])):
        return refused
    metadata = read_metadata(tree, declared, page)
    about = About(
        title=metadata.title,
        authors=metadata.authors,
        languages=_rule_languages(page, metadata),
        publisher=metadata.publisher,
        site=page.site,
        teaches=page.teaches,
    )
    dates = find_dates(tree, declared, page, metadata.text_language)

    def look(found: Found) -> Look:
        seen = seen_of(tree, metadata, dates, found.blocks, found.body)
        refused = refused_by_type(page, declared, seen)
        return Look(
            tree=tree, declared=declared, metadata=metadata, found=found, dates=dates, seen=seen, refused=refused
        )

    near = find_near(tree, declared, about, weights)
    if near is not None and not (of_near := look(near)).refused:
        return of_near
    return look(find_anywhere(tree, page.url, declared, about, weights))


def reading_of(page: Page, look: Look) -> Reading:
    """What was read, as an article."""
    found = look.found
    return Reading(
        blocks=found.blocks,
        body=found.body,
        body_source=found.source,
        confidence=found.confidence,
        metadata=look.metadata,
        dates=look.dates,
        trace=trace_of(page, look.metadata, look.dates, found) if page.teaches else None,
        unread=found.unread,
    )


def paragraphs_of(blocks: Sequence[Block]) -> tuple[str, ...]:
    """Blocks as paragraphs in reading order; lines parted by a single line break stay one paragraph.

    So do the place that a report comes from, where an element of its own holds it, and the sentence that it begins.
    """
    paragraphs: list[str] = []
    for position, block in enumerate(blocks):
        before = blocks[position - 1] if position else None
        if before is not None and block.follows_br and before.element is block.element:
            paragraphs[-1] += "\n" + block.text
        elif position == 1 and before is not None and _is_dateline(before) and block.kind is BlockKind.PARAGRAPH:
            paragraphs[-1] += " " + block.text
        else:
            paragraphs.append(block.text)
    return tuple(paragraphs)


def _is_dateline(block: Block) -> bool:
    """Whether a block is no more than what stands before a report's first sentence: “AUBURN, Wash. —”."""
    return len(block.text) <= DATELINE_CHARS and block.text.endswith(DASHES) and block.kind is BlockKind.PARAGRAPH


def _rule_languages(page: Page, metadata: Metadata) -> tuple[str, ...]:
    """English is always among them: themes are translated by halves. None where the language is not known."""
    known = [tag for tag in (metadata.written, metadata.language, page.site.language) if tag]
    return (*dict.fromkeys(known), "en") if known else ()


def as_extract(page: Page, reading: Reading) -> Extract:
    """The extract that a reading amounts to."""
    metadata, dates = reading.metadata, reading.dates
    paragraphs = paragraphs_of(reading.body.kept)
    removed = [r for _, r in reading.body.removed]
    unsure = (f"body: {reading.confidence:.0%} of it is expected to be right",) if reading.confidence < UNSURE else ()
    written = written_otherwise(metadata.language, " ".join(paragraphs)[:READ_CHARS])
    stated = metadata.language if metadata.sources.get("language") not in GUESSED else None
    language = (f"language: stated as {stated}, the text reads as {written}",) if written and stated else ()
    unread = (f"body: the page's {reading.unread:,} shortest blocks were left out",) if reading.unread else ()
    dated = {
        name: d.source for name, d in (("date_published", dates.published), ("date_modified", dates.modified)) if d
    }
    summary = _own_summary(metadata.summary, paragraphs)
    standfirst = " ".join(r.text for r in removed if r.kind is Kind.STANDFIRST)
    sources = metadata.sources | dated | {"content_text": reading.body_source}
    if written:
        sources["language"] = "words"
    if standfirst:  # what a reader is shown, and stands in the text no more, before what machines are told
        summary, sources["summary"] = standfirst, "standfirst"
    return Extract(
        url=page.url,
        canonical_url=metadata.canonical_url,
        title=metadata.title,
        paragraphs=paragraphs,
        summary=summary,
        authors=metadata.authors,
        published=dates.published,
        modified=dates.modified,
        language=written or metadata.language,
        image=metadata.image,
        tags=metadata.tags,
        section=metadata.section,
        publisher=metadata.publisher,
        is_accessible_for_free=metadata.is_accessible_for_free,
        confidence=round(reading.confidence, 3),
        sources=sources,
        removed=tuple(r for r in removed if r.kind is not Kind.CORRECTION),
        corrections=tuple(r.text for r in removed if r.kind is Kind.CORRECTION),
        rights=metadata.rights,
        warnings=(*dates.warnings, *unsure, *language, *unread),
        trace=reading.trace,
        stated_language=stated,
    )


def _own_summary(summary: str | None, paragraphs: Sequence[str]) -> str | None:
    """The standfirst, unless it is the text's own beginning again."""
    if not summary or not paragraphs:
        return summary
    key, start = text_key(summary.rstrip(" .…")), text_key(" ".join(paragraphs[:2]))
    return None if start.startswith(key[:200]) or key == text_key(paragraphs[0]) else summary
