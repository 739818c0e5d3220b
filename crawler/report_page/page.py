"""The page as HTML: one file, nothing loaded, nothing run but its own two scripts, all text escaped.

Source names, errors and addresses are by strangers. They are cleaned of what cannot be seen, and escaped here or packed
into the history, which is base64 alone and is only ever set as text by the script.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template

from crawler.report_page.packed import packed
from crawler.report_page.texts import text, typed
from crawler.report_page.view import Level, Need, ReportView, SourceView

HERE = Path(__file__).parent
SCRIPTS = ("history.js", "charts.js", "sources.js", "page.js")  # one module, in this order
SORTED_BY = "State"  # the worst first
MAX_NEEDS = 100  # told one by one; the table marks all sources
# the columns of the sources, and how each is sorted first; the style says which are left out of narrow pages
COLUMNS = (
    ("Source", "ascending"),
    ("State", "ascending"),
    ("Articles in&nbsp;7&nbsp;days", "descending"),
    ("usual", "descending"),
    ("by day", ""),
    ("Freshness", "descending"),
    ("Refused", "descending"),
    ("Undated", "descending"),
    ("Low con&shy;fidence", "descending"),
    ("Cuts an article", "descending"),
    ("Answer", "descending"),
    ("Memory", "ascending"),
)


def page_html(view: ReportView) -> str:
    """The whole document."""
    library, style, script = _asset("uplot/uPlot.iife.min.js"), _style(), _script()
    return Template(_asset("page.html")).substitute(
        policy=_policy(style, (library, script)),
        title=text(f"Dateline report {view.run}"),
        style=style,
        run=text(view.said),
        needs=_needs(view),
        tiles="\n".join(_tile(*tile) for tile in view.tiles),
        days=view.days,
        columns="".join(_column(*column) for column in COLUMNS),
        rows="\n".join(map(_row, view.sources)),
        footer=text(view.footer),
        history=packed(view),
        library=library,
        script=script,
    )


def _policy(style: str, scripts: Iterable[str]) -> str:
    hashes = " ".join(map(_hash, scripts))
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {hashes}; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def _script() -> str:
    return "\n".join(map(_asset, SCRIPTS))


def _style() -> str:
    return _asset("uplot/uPlot.min.css") + "\n" + _asset("page.css")


# What needs a person


def _needs(view: ReportView) -> str:
    if not view.needs:
        return '<p class="all-well">Nothing: each source that was asked gave what it usually gives.</p>'
    rows = {source.name: row for row, source in enumerate(view.sources)}
    worst = sorted(view.needs, key=lambda need: (need.level, -need.weight, need.about))
    items = "\n".join(_need(need, rows.get(need.about)) for need in worst[:MAX_NEEDS])
    more = f'\n<p class="soft">… and {len(worst) - MAX_NEEDS:,} more.</p>' if len(worst) > MAX_NEEDS else ""
    return f'<ol class="needs">\n{items}\n</ol>{more}'


def _need(need: Need, row: int | None) -> str:
    about = text(_without_scheme(need.about))
    name = about if row is None else f'<a href="#sources" data-row="{row}">{about}</a>'
    return (
        f'<li><span class="mark {need.level.word}">{text(need.mark)}</span>'
        f'<div><b>{name}</b><span class="what">{text(need.what)}</span></div>'
        f'<div class="command"><code tabindex="0">{escape(typed(need.command))}</code></div></li>'
    )


# The run


def _tile(name: str, value: str, note: str) -> str:
    small = f"<small>{text(note)}</small>" if note else ""
    return f"<div><dt>{text(name)}</dt><dd>{text(value)}{small}</dd></div>"


# The sources


def _column(title: str, first: str) -> str:
    inner = f"<button>{title}</button>" if first else f"<span>{title}</span>"
    is_sorted = ' aria-sort="ascending"' if title == SORTED_BY else ""
    return f'<th scope="col" data-first="{first}"{is_sorted}>{inner}</th>'


def _row(source: SourceView) -> str:
    needs_one = " data-needy" if source.level <= Level.LOOK else ""
    why = f' title="{text(source.why)}"' if source.why else ""
    less = source.usual_week is not None and source.week < source.usual_week / 2
    cells = (
        f'<td><button aria-expanded="false">{text(_without_scheme(source.name))}</button>{_address(source)}</td>',
        f'<td><span class="mark {source.level.word}">{text(source.state)}</span></td>',
        _cell(f"{source.week:,}", "warm" if less else ""),
        _cell(_number(source.usual_week)),
        '<td class="spark"></td>',
        _cell(hours(source.hours)),
        _share(source.refused, 0.5, 0.9),
        _share(source.undated, 0.2, 0.5),
        _share(source.doubtful, 0.2, 0.5),
        _cell(_number(source.removed)),
        _cell("–" if source.ms is None else f"{source.ms:,.0f} ms"),
        _cell(source.memory or "–", "warm" if source.memory == "mismatch" else ""),
    )
    return f"<tr{needs_one}{why}>{''.join(cells)}</tr>"


def _share(share: float | None, warm: float, hot: float) -> str:
    mark = "" if share is None or share < warm else "hot" if share >= hot else "warm"
    return _cell("–" if share is None else f"{share:.0%}", mark)


def _cell(said: str, mark: str = "") -> str:
    inner = f'<b class="{mark}">{said}</b>' if mark else said
    return f"<td>{inner}</td>"


def _number(number: float | None) -> str:
    return "–" if number is None else f"{number:,.1f}" if number < 10 else f"{number:,.0f}"


def hours(number: float | None) -> str:
    """Hours as a person reads them.

    >>> [hours(n) for n in (None, 0.4, 5.25, 75)]
    ['–', '24 min', '5.2 h', '3.1 days']
    """
    if number is None:
        return "–"
    if number < 1:
        return f"{number * 60:.0f} min"
    return f"{number:.1f} h" if number < 48 else f"{number / 24:.1f} days"


def _address(source: SourceView) -> str:
    return "" if source.url == source.name else f"<small>{text(_without_scheme(source.url))}</small>"


def _without_scheme(name: str) -> str:
    return name.removeprefix("http://").removeprefix("https://").removesuffix("/")
