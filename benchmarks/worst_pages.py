"""The worst pages as one HTML page: what is kept, lost and extra side by side, and why a lost line was cut.

All text on it is by strangers: it is escaped, and the page may load nothing and run nothing but its own script.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.alignment import Fate, Line, Row, align
from benchmarks.bench import Answer, PageScore, Record
from benchmarks.measure import Run, Scored, language_of
from crawler.terminal import one_line

HERE = Path(__file__).parent
FOLD_OVER = {Fate.KEPT: 4, Fate.LOST: 12, Fate.EXTRA: 12}  # rows of one fate in a row; more are folded but for the ends
ENDS = 2
JUMP_COLUMNS = (  # "less": left out where the page is narrow
    ("page", "word"),
    ("set", "word less"),
    ("language", "word less"),
    ("F1", ""),
    ("P", "less"),
    ("R", "less"),
    ("trafilatura F1", "less"),
    ("what is wrong", "word"),
)
NOT_TAKEN = "not taken for the article"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """An entry of a record's removed trail."""

    kind: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstPage:
    """A page with its numbers (fractions), the texts side by side, and what was cut of it."""

    id: str
    source_set: str
    language: str
    url: str
    f1: float
    precision: float
    recall: float
    peer_f1: float
    refused: str
    leaks: Sequence[str]
    rows: Sequence[Row]
    cuts: Sequence[Cut]


def worst_pages_html(run: Run, peer: Scored, count: int) -> str:
    """The ``count`` pages with a body that have the lowest page F1, worst first."""
    peer_f1 = {page["id"]: page["page_f1"] for page in peer.pages if "t" in page}
    bodies = sorted((page for page in run.ours.pages if "t" in page), key=lambda page: (page["page_f1"], page["id"]))
    return pages_html(
        [
            worst_page(page, run.answers[page["id"]], run.records.get(page["id"], {}), peer_f1[page["id"]])
            for page in bodies[:count]
        ],
        total=len(bodies),
    )


def worst_page(score: PageScore, answer: Answer, record: Record, peer_f1: float) -> WorstPage:
    """A page as it is shown."""
    own: Mapping[str, Any] = record.get("_dateline") or {}
    refused = ": ".join(filter(None, (own.get("refused"), own.get("detail")))) if own.get("refused") else ""
    corrections = [
        Cut(kind="correction", reason="moved to corrections", text=text) for text in own.get("corrections", ())
    ]
    return WorstPage(
        id=score["id"],
        source_set=score["source_set"],
        language=language_of(answer),
        url=score["url"],
        f1=score["page_f1"],
        precision=score["precision"],
        recall=score["recall"],
        peer_f1=peer_f1,
        refused=refused,
        leaks=score.get("leaks", ()),
        rows=align(answer["body"], record.get("content_text") or ""),
        cuts=[*(Cut(kind=c["kind"], reason=c["reason"], text=c["text"]) for c in own.get("removed", ())), *corrections],
    )


def cut_of(line: Line, cuts: Iterable[Cut]) -> Cut | None:
    """What cut a line of the answer that is not wholly kept: the entry that shares most words with what is lost."""
    lost = Counter(_words("".join(run.text for run in line.runs if not run.is_kept)))
    shared = [(((lost & Counter(_words(cut.text))).total()), cut) for cut in cuts]
    best = max(shared, key=lambda found: found[0], default=(0, None))
    return best[1] if best[0] > lost.total() / 2 else None


def pages_html(pages: Sequence[WorstPage], *, total: int) -> str:
    """The whole document."""
    style, script = (HERE / "worst_pages.css").read_text("utf-8"), (HERE / "worst_pages.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>The {len(pages)} worst pages</title>
<style>{style}</style>
</head>
<body>
<h1>The {len(pages)} worst of {total} pages</h1>
<p class="soft">By page F1, worst first. On the left the answer, on the right what was extracted.</p>
<p class="key"><span class="soft">in both</span><mark class="lost">lost: in the answer only</mark><mark
 class="extra">extra: in ours only</mark><span class="cut">cut: kind, and the rule or evidence</span></p>
{_filters(pages)}
{_jump_list(pages)}
{"".join(map(_card, pages))}
<script>{script}</script>
</body>
</html>
"""


def _filters(pages: Sequence[WorstPage]) -> str:
    choices = {"set": Counter(p.source_set for p in pages), "language": Counter(p.language for p in pages)}
    return (
        '<div class="filters" hidden>' + "".join(_select(name, groups) for name, groups in choices.items()) + "</div>"
    )


def _select(name: str, groups: Counter[str]) -> str:
    options = "".join(f'<option value="{escape(g)}">{escape(g)} ({n})</option>' for g, n in groups.most_common())
    return f'<label>{name} <select name="{name}"><option value="">all</option>{options}</select></label>'


def _jump_list(pages: Sequence[WorstPage]) -> str:
    heads = "".join(f'<th class="{css}">{escape(name)}</th>' for name, css in JUMP_COLUMNS)
    rows = "".join(map(_jump, pages))
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def _jump(page: WorstPage) -> str:
    words = "".join(f'<td class="word less">{escape(value)}</td>' for value in (page.source_set, page.language))
    less = "".join(f'<td class="less">{_percent(value)}</td>' for value in (page.precision, page.recall))
    return (
        f'<tr {_data(page)}><td class="word"><a href="#{escape(page.id)}">{escape(page.id)}</a></td>{words}'
        f'<td>{_percent(page.f1)}</td>{less}<td class="less">{_percent(page.peer_f1)}</td>'
        f'<td class="why">{escape(_fault(page))}</td></tr>\n'
    )


def _fault(page: WorstPage) -> str:
    """In a few words what is wrong with a page."""
    if page.refused:
        return f"refused: {page.refused}"
    lost = sum(row.answer.total - row.answer.kept for row in page.rows if row.answer)
    extra = sum(row.ours.total - row.ours.kept for row in page.rows if row.ours)
    said = [f"{lost} words lost" if lost else "", f"{extra} extra" if extra else "", "a leak" if page.leaks else ""]
    return ", ".join(filter(None, said))


def _card(page: WorstPage) -> str:
    name = escape(page.url)
    link = f'<a href="{name}" rel="noreferrer noopener">{name}</a>' if re.match(r"https?://", page.url) else name
    group = f"{escape(page.source_set)} · {escape(page.language)}"
    refused = f'<p class="refused">Refused: {escape(page.refused)}</p>' if page.refused else ""
    return f"""<article class="card" id="{escape(page.id)}" {_data(page)}>
<div class="head"><h2>{escape(page.id)}</h2>
<p>F1 <b>{_percent(page.f1)}</b> · precision {_percent(page.precision)} · recall {_percent(page.recall)} ·
 trafilatura F1 {_percent(page.peer_f1)} <span class="soft">· {group}</span></p>
<p class="soft">{link}</p>{refused}</div>
<div class="pair names"><span>answer</span><span>ours</span></div>
{"".join(_rows(page))}
{_trail(page.cuts)}
</article>
"""


def _rows(page: WorstPage) -> Iterator[str]:
    """The rows, where many of one fate follow each other folded but for the first and the last ones."""
    for fate, group in groupby(page.rows, key=lambda row: row.fate):
        rows = [_row(row, page) for row in group]
        if len(rows) <= FOLD_OVER[fate]:
            yield from rows
            continue
        yield from rows[:ENDS]
        folded = rows[ENDS:-ENDS]
        yield f"<details><summary>{len(folded)} more lines {fate}</summary>{''.join(folded)}</details>"
        yield from rows[-ENDS:]


def _row(row: Row, page: WorstPage) -> str:
    is_same = row.answer and row.ours and row.answer.kept == row.answer.total == row.ours.kept == row.ours.total
    note = ""
    if row.answer and row.answer.kept < row.answer.total:
        note = _note(cut_of(row.answer, page.cuts), is_untaken=row.ours is None and not page.refused)
    ours = _marks(row.ours, Fate.EXTRA)
    beside = f'<p class="ours"{_language(page)}>{ours}</p>' if not note else f'<div class="ours">{ours}{note}</div>'
    return (
        f'<div class="pair {row.fate}{" same" if is_same else ""}">'
        f'<p class="answer"{_language(page)}>{_marks(row.answer, Fate.LOST)}</p>{beside}</div>\n'
    )


def _note(cut: Cut | None, *, is_untaken: bool) -> str:
    if cut:
        return f" {_label(cut)}"
    return f'<span class="note">{NOT_TAKEN}</span>' if is_untaken else ""


def _label(cut: Cut) -> str:
    return f'<span class="cut">cut as {escape(cut.kind)}: {escape(one_line(cut.reason))}</span>'


def _marks(line: Line | None, fate: Fate) -> str:
    runs = line.runs if line else ()
    return "".join(escape(r.text) if r.is_kept else f'<mark class="{fate}">{escape(r.text)}</mark>' for r in runs)


def _trail(cuts: Sequence[Cut]) -> str:
    if not cuts:
        return ""
    items = "".join(f"<li>{_label(cut)} {escape(one_line(cut.text)[:300])}</li>" for cut in cuts)
    return f'<details class="trail"><summary>{len(cuts)} texts cut in all</summary><ul>{items}</ul></details>'


def _data(page: WorstPage) -> str:
    return f'data-page data-set="{escape(page.source_set)}" data-language="{escape(page.language)}"'


def _language(page: WorstPage) -> str:
    tag = f' lang="{page.language}"' if re.fullmatch(r"[a-z]{2,3}", page.language) else ""
    return f'{tag} dir="auto"'


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _hash(text: str) -> str:
    """A source of a content security policy (CSP 3 §2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
