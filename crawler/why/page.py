"""An answer as one self-contained page: no script, no request, every string of a stranger escaped.

What the legend hides is hidden by the style sheet alone (``:has``). The policy allows that one sheet, by its hash, and
nothing else; addresses are shown as text.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path

from crawler import __version__
from crawler.extraction.candidates import Candidate
from crawler.extraction.explain import Explanation, Fate, Field, Line, Part
from crawler.items import BlockKind, Kind
from crawler.why.answer import Answer, Fact

MAX_CHARS = 20_000  # of one text; no article's paragraph has them
BEGINNING_CHARS = 90  # of the texts elsewhere on the page, before they are opened
MANY_LABELS, LABEL_CHARS = 3, 40  # that were cut together: from here on they stand on a line
MAP_STEPS = 400
SHORTEST, LONGEST = 40, 400  # characters that a text counts as on the map, where a line must be seen beside a chapter

ELSEWHERE = "k-elsewhere"
# kinds of one family stand beside each other on the wheel of colours: what asks for something, what leads elsewhere,
# what the site prints everywhere, what belongs to the article
_FAMILIES = (
    (Kind.DONATION, Kind.SUBSCRIPTION, Kind.NEWSLETTER, Kind.ADBLOCK, Kind.ADVERTISEMENT, Kind.APP),
    (Kind.COOKIES, Kind.TYPO, Kind.READING_TIME, Kind.FURNITURE, Kind.COPYRIGHT, Kind.OTHER),
    (Kind.SHARE, Kind.COMMENTS, Kind.LANGUAGES, Kind.RELATED),
    (Kind.CAPTION, Kind.AUTHOR_BIO, Kind.BYLINE, Kind.DATE_LINE, Kind.STANDFIRST, Kind.HEADLINE, Kind.CORRECTION),
)
KINDS = tuple(kind for family in _FAMILIES for kind in family)
_CLASS_OF_BLOCK = {
    BlockKind.HEADING: "heading",
    BlockKind.QUOTE: "quote",
    BlockKind.ITEM: "item",
    BlockKind.TABLE: "row",
}
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def html_page(answer: Answer) -> str:
    """The whole document."""
    explanation = answer.explanation
    title = (explanation.extract.title if explanation and explanation.extract else "") or answer.name
    parts = (
        _head(title),
        *_header(answer, title),
        "<main>\n",
        '<div class="facts">\n',
        *_facts("state", "What the state knows", answer.known),
        *_facts("page", "How it was read", answer.read),
        "</div>\n",
        *(_fields(explanation.fields) if explanation and explanation.fields else ()),
        *(_reading(explanation.lines) if explanation and explanation.lines else ()),
        f"</main>\n<footer>Dateline {text(__version__)}. This page asks for nothing and runs no script.</footer>\n",
        "</body>\n</html>\n",
    )
    return "".join(parts)


def _head(title: str) -> str:
    sheet = style()
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>Why: {text(title[:200])}</title>\n<style>{sheet}</style>\n</head>\n<body>\n"
    )


@cache
def style() -> str:
    """The style sheet, with a hue for each kind and what hides it."""
    step = 360 / len(KINDS)
    rules = [f".{class_of(kind)} {{ --h: {step * i + 15:.0f}; }}" for i, kind in enumerate(KINDS)]
    rules += [
        f"body:has(#show-{name}:not(:checked)) .lines .{name} {{ display: none; }}"
        for name in (*map(class_of, KINDS), ELSEWHERE)
    ]
    return Path(__file__).with_name("style.css").read_text("utf-8") + "\n".join(rules) + "\n"


def class_of(kind: Kind) -> str:
    """The class of what is cut as a kind.

    >>> class_of(Kind.DONATION)
    'k-donation-appeal'
    """
    return "k-" + str(kind).replace(" ", "-")


def text(value: str) -> str:
    """A stranger's text as it can stand between tags and in attributes.

    >>> text('<b onclick="x">\\x00')
    '&lt;b onclick=&quot;x&quot;&gt;\ufffd'
    """
    shown = value if len(value) <= MAX_CHARS else f"{value[:MAX_CHARS]}… ({len(value) - MAX_CHARS:,} more characters)"
    return escape(_UNSEEN.sub("\ufffd", shown))


def _bdi(value: str) -> str:
    """A stranger's text on a line with ours, whose direction it does not turn."""
    return f"<bdi>{text(value)}</bdi>"


def _header(answer: Answer, title: str) -> Iterator[str]:
    yield f'<header>\n<p class="brand">dateline why</p>\n<h1 dir="auto">{text(title)}</h1>\n'
    yield f'<p class="address">{_bdi(answer.name)}</p>\n'
    explanation = answer.explanation
    if explanation is None:
        yield '<p class="verdict">Its page was not looked at.</p>\n'
    else:
        yield from _verdict(explanation)
        yield from _map(explanation.lines)
    yield from _links(answer)
    yield "</header>\n"


def _links(answer: Answer) -> Iterator[str]:
    """The way to each part of the page."""
    explanation = answer.explanation
    parts = (
        ("state", "what the state knows", answer.known),
        ("page", "how it was read", answer.read),
        ("fields", "fields", explanation and explanation.fields),
        ("text", "texts in reading order", explanation and explanation.lines),
    )
    links = "".join(f'<a href="#{id_}">{said}</a>' for id_, said, there in parts if there)
    yield f'<nav aria-label="On this page">{links}</nav>\n'


def _verdict(explanation: Explanation) -> Iterator[str]:
    counts = ", ".join(f"{explanation.number_of(fate):,} {fate}" for fate in Fate)
    if explanation.refused:
        detail = f": {_bdi(explanation.refused.detail)}" if explanation.refused.detail else ""
        yield f'<p class="verdict refused">Refused: {explanation.refused.reason}<span>{detail}</span></p>\n'
        if explanation.lines:
            yield f"<p>What was found on it all the same: {counts}.</p>\n"
    elif explanation.extract:
        sure = f"{explanation.extract.confidence:.0%} of the text is expected to be right"
        said = f"of {len(explanation.lines):,} texts on its page: {counts}; {sure}."
        yield f'<p class="verdict">An article <span>{said}</span></p>\n'
    for warning in explanation.extract.warnings if explanation.extract else ():
        yield f'<p class="warning">{_bdi(warning)}</p>\n'


def _map(lines: Sequence[Line]) -> Iterator[str]:
    """The page from its top to its end as a strip, coloured as the texts are."""
    if not lines:
        return
    sizes = [min(max(sum(len(part.text) for part in line.parts), SHORTEST), LONGEST) for line in lines]
    step, position, ends = sum(sizes) / MAP_STEPS, 0, []
    for line, size in zip(lines, sizes, strict=True):
        position += size
        ends.append((position, _class_of(line)))
    steps, at = [], 0
    for number in range(MAP_STEPS):
        while ends[at][0] < (number + 0.5) * step:
            at += 1
        steps.append(ends[at][1])
    yield '<svg class="map" aria-hidden="true" viewBox="0 0 400 10" preserveAspectRatio="none">'
    start = 0
    for name, run in groupby(steps):
        width = len(list(run))
        yield f'<rect class="{name}" x="{start}" width="{width}" height="10"/>'
        start += width
    yield '</svg>\n<p class="mapped"><span>top of the page</span><span>its end</span></p>\n'


def _class_of(line: Line) -> str:
    if line.fate is Fate.ELSEWHERE:
        return ELSEWHERE
    kind = line.parts[0].kind if line.fate is Fate.CUT else None
    return class_of(kind) if kind else "kept"


def _facts(id_: str, title: str, facts: Iterable[Fact]) -> Iterator[str]:
    rows = [f"<dt>{text(fact.name)}</dt><dd>{_bdi(fact.text)}</dd>\n" for fact in facts]
    if rows:
        yield f'<section>\n<h2 id="{id_}">{title}</h2>\n<dl>\n{"".join(rows)}</dl>\n</section>\n'


def _fields(fields: Sequence[Field]) -> Iterator[str]:
    yield '<section>\n<h2 id="fields">Fields, where each was read, and what was passed over</h2>\n'
    yield '<div class="fields">\n'
    for field in (field for field in fields if not field.is_silent):
        yield f'<div class="field"><span class="name">{text(field.name)}</span><div>'
        yield (
            f'<div class="value" dir="auto">{text(field.value)}</div>'
            if field.value
            else '<div class="value none">–</div>'
        )
        yield f'<div class="note">{" · ".join(map(_bdi, field.notes))}</div>' if field.notes else ""
        also = f'<span class="also">also {_bdi(field.also)}</span>' if field.also else ""
        yield f'</div><div class="source">{_bdi(field.source)}{also}</div>'
        if field.rejected:
            yield f"<details><summary>{_counted(len(field.rejected), 'other')} passed over</summary><ul>"
            yield from map(_rejected, field.rejected)
            yield "</ul></details>"
        yield "</div>\n"
    if silent := ", ".join(field.name for field in fields if field.is_silent):
        yield f'<div class="field"><span class="name">not stated</span><div class="note">{text(silent)}</div></div>\n'
    yield "</div>\n</section>\n"


def _rejected(candidate: Candidate) -> str:
    written = f' <span class="why">(written “{_bdi(candidate.written)}”)</span>' if candidate.written else ""
    return (
        f"<li><span>{_bdi(candidate.value)}{written}</span><span>{_bdi(candidate.why_not)}</span>"
        f'<span class="source">{_bdi(candidate.source)}</span></li>'
    )


def _reading(lines: Sequence[Line]) -> Iterator[str]:
    yield '<section>\n<h2 id="text">The page’s texts, in reading order</h2>\n<div class="reading">\n'
    yield '<div class="lines">\n'
    for is_elsewhere, run in groupby(lines, key=lambda line: line.fate is Fate.ELSEWHERE):
        together = list(run)
        yield from _elsewhere(together) if is_elsewhere else _lines(together)
    yield "</div>\n"
    yield from _legend(lines)
    yield "</div>\n</section>\n"


def _legend(lines: Sequence[Line]) -> Iterator[str]:
    """What there is of each kind, to be hidden and shown."""
    kinds = Counter(part.kind for line in lines for part in line.parts if part.kind)
    yield '<fieldset class="legend"><legend>Show</legend>\n'
    yield '<label class="only"><input type="checkbox" id="alone"> the article alone</label>\n'
    yield _choice("kept", "show-kept", "kept", sum(line.fate is Fate.KEPT for line in lines))
    for kind in KINDS:
        if kinds[kind]:
            yield _choice(class_of(kind), f"show-{class_of(kind)}", str(kind), kinds[kind])
    if elsewhere := sum(line.fate is Fate.ELSEWHERE for line in lines):
        yield _choice(ELSEWHERE, f"show-{ELSEWHERE}", str(Fate.ELSEWHERE), elsewhere)
    yield "</fieldset>\n"


def _choice(name: str, id_: str, said: str, number: int) -> str:
    return (
        f'<label class="{name}"><input type="checkbox" id="{id_}" checked><span class="swatch"></span>'
        f" {said} <b>{number:,}</b></label>\n"
    )


def _lines(lines: Sequence[Line]) -> Iterator[str]:
    """Lines as they follow each other; what is cut for one reason stands together."""
    for is_kept, run in groupby(lines, key=lambda line: line.fate is Fate.KEPT):
        if is_kept:
            yield from map(_kept, run)
        else:
            cut = (part for line in run for part in line.parts)
            for (kind, reason), parts in groupby(cut, key=lambda part: (part.kind, part.reason)):
                yield _cut(kind, reason, [part.text for part in parts])


def _kept(line: Line) -> str:
    name = f"kept {_CLASS_OF_BLOCK.get(line.block, '')}".strip()
    inner = " ".join(text(part.text) if part.kind is None else _cut_inside(part) for part in line.parts)
    reason = f' <span class="why">({_bdi(line.reason)})</span>' if line.reason else ""
    return f'<p class="{name}" dir="auto">{inner}{reason}</p>\n'


def _cut(kind: Kind | None, reason: str, texts: Sequence[str]) -> str:
    is_labels = len(texts) >= MANY_LABELS and max(map(len, texts)) <= LABEL_CHARS
    name = f"cut {class_of(kind or Kind.OTHER)}{' labels' if is_labels else ''}"
    struck = "".join(f'<del dir="auto">{text(cut)}</del>' for cut in texts)
    tag = f'<p class="tag"><span class="unseen">cut: </span><b>{kind}</b>{_bdi(reason)}</p>'
    return f'<div class="{name}">{tag}{struck}</div>\n'


def _cut_inside(part: Part) -> str:
    """A sentence that was cut out of a paragraph which is kept."""
    name = class_of(part.kind) if part.kind else ""
    reason = f'<span class="tag"><b>{part.kind}</b>{_bdi(part.reason)}</span>'
    return f'<span class="part {name}"><del>{text(part.text)}</del> {reason}</span>'


def _elsewhere(lines: Sequence[Line]) -> Iterator[str]:
    """Texts that were not taken for the article, folded together where they follow one another."""
    beginning = text(" · ".join(part.text for line in lines[:4] for part in line.parts)[:BEGINNING_CHARS])
    yield f'<details class="elsewhere {ELSEWHERE}"><summary>{_counted(len(lines), "text")} {Fate.ELSEWHERE}: '
    yield f"<i><bdi>{beginning}…</bdi></i></summary>\n"
    for line in lines:
        shown = " ".join(text(part.text) for part in line.parts)
        yield f'<div><del dir="auto">{shown}</del> <span class="why">{_bdi(line.reason)}</span></div>\n'
    yield "</details>\n"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
