"""The page as HTML: one file, nothing loaded, nothing run but its own two scripts, all text escaped.

Source names, errors and addresses are by strangers. They are cleaned of what cannot be seen, and escaped here or packed
into the history, which is base64 alone and is only ever set as text by the script.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from crawler.report_page.view import WEEK, Level, Need, Numbers, ReportView, SourceView
from crawler.terminal import one_line

HERE = Path(__file__).parent
MAX_NEEDS = 100  # told one by one; the table marks all sources
MAX_CHARACTERS = 300  # of a text by strangers
SHORTEST = 4 * WEEK  # days of the charts, of what is known for less
Names = Mapping[str, Mapping[str, int]]  # a group → its kinds → their numbers, the most frequent first
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
    library, style, script = _asset("uplot/uPlot.iife.min.js"), _style(), _asset("page.js")
    return Template(_asset("page.html")).substitute(
        policy=_policy(style, (library, script)),
        title=_text(f"Dateline report {view.run}"),
        style=style,
        run=_text(view.said),
        needs=_needs(view),
        tiles="\n".join(_tile(*tile) for tile in view.tiles),
        days=view.days,
        columns="".join(_column(*column) for column in COLUMNS),
        rows="\n".join(map(_row, view.sources)),
        footer=_text(view.footer),
        history=_packed(_history(view)),
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
    about = _text(_without_scheme(need.about))
    name = about if row is None else f'<a href="#sources" data-row="{row}">{about}</a>'
    return (
        f'<li><span class="mark {need.level.word}">{_text(need.mark)}</span>'
        f'<div><b>{name}</b><span class="what">{_text(need.what)}</span></div>'
        f'<div class="command"><code tabindex="0">{escape(typed(need.command))}</code></div></li>'
    )


def typed(command: str) -> str:
    """A command that can be pasted: nothing is in it that a terminal would obey or not show.

    >>> typed("dateline why 'https://example.org/\\x1b]0;x\\u202egnp'")
    "dateline why 'https://example.org/%1B]0;x%E2%80%AEgnp'"
    """
    return "".join(c if c == one_line(c) or c == " " else quote(c, errors="replace") for c in command)


# The run


def _tile(name: str, value: str, note: str) -> str:
    small = f"<small>{_text(note)}</small>" if note else ""
    return f"<div><dt>{_text(name)}</dt><dd>{_text(value)}{small}</dd></div>"


# The sources


def _column(title: str, first: str) -> str:
    inner = f"<button>{title}</button>" if first else f"<span>{title}</span>"
    return f'<th scope="col" data-first="{first}">{inner}</th>'


def _row(source: SourceView) -> str:
    needs_one = " data-needy" if source.level <= Level.LOOK else ""
    why = f' title="{_text(source.why)}"' if source.why else ""
    less = source.usual_week is not None and source.week < source.usual_week / 2
    cells = (
        f'<td><button aria-expanded="false">{_text(_without_scheme(source.name))}</button>{_address(source)}</td>',
        f'<td><span class="mark {source.level.word}">{_text(source.state)}</span></td>',
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


def _values(source: SourceView) -> list[str | float | None]:
    """What a row is sorted by: its cells but the name's, as numbers."""
    shares = (source.refused, source.undated, source.doubtful)
    numbers = (source.week, source.usual_week, None, source.hours, *shares, source.removed, source.ms)
    return [
        f"{source.level:d} {_clean(source.state)}",
        *(None if n is None else round(n, 3) for n in numbers),
        source.memory,
    ]


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
    return "" if source.url == source.name else f"<small>{_text(_without_scheme(source.url))}</small>"


def _without_scheme(name: str) -> str:
    return name.removeprefix("http://").removeprefix("https://").removesuffix("/")


def _text(text: str) -> str:
    """A text by strangers, without what cannot be seen, cut where it is long, escaped."""
    return escape(_clean(text))


def _clean(text: str) -> str:
    clean = one_line(text)
    return clean if len(clean) <= MAX_CHARACTERS else clean[: MAX_CHARACTERS - 1] + "…"


# The history, for the charts


def _history(view: ReportView) -> dict[str, Any]:
    """The series of all sources, in the order of the rows; kinds are numbers, the most frequent first."""
    names = _by_frequency(view.sources)
    weeks = _empty_weeks(view)
    first = dt.datetime.combine(view.first, dt.time(), dt.UTC) + dt.timedelta(days=weeks * WEEK)
    return {
        "first": int(first.timestamp()),
        "days": view.days - weeks * WEEK,
        "names": {group: [_clean(kind) for kind in kinds] for group, kinds in names.items()},
        "sources": [_series(source, names, weeks) for source in view.sources],
    }


def _empty_weeks(view: ReportView) -> int:
    """How many weeks at the beginning are left out, since nothing is known of them."""
    told = [source.by_day for source in view.sources]
    known = [numbers for one in told for numbers in (one.lines["articles"], *one.kinds["outcomes"].values())]
    day = min((next((day for day, n in enumerate(numbers) if n), view.days) for numbers in known), default=view.days)
    return min(day, view.days - SHORTEST) // WEEK


def _by_frequency(sources: Iterable[SourceView]) -> Names:
    total: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for source in sources:
        for group, kinds in (*source.by_day.kinds.items(), *source.by_week.kinds.items()):
            total[group].update({kind: sum(numbers) for kind, numbers in kinds.items()})
    return {
        group: {kind: index for index, (kind, _) in enumerate(sorted(kinds.items(), key=lambda one: (-one[1], one[0])))}
        for group, kinds in total.items()
    }


def _series(source: SourceView, names: Names, weeks: int) -> dict[str, Any]:
    kinds: dict[str, Any] = {}
    lines: dict[str, Any] = {}
    for told, skipped in ((source.by_day, weeks * WEEK), (source.by_week, weeks)):
        lines |= {name: _trimmed(numbers[skipped:]) for name, numbers in told.lines.items()}
        kinds |= {
            group: {names[group][kind]: _trimmed(numbers[skipped:]) for kind, numbers in found.items() if any(numbers)}
            for group, found in told.kinds.items()
        }
    facts = [[_clean(name), _clean(value)] for name, value in source.facts]
    return {"kinds": kinds, "lines": lines, "values": _values(source), "facts": facts}


def _trimmed(numbers: Numbers) -> list[float | None]:
    """Without what is nothing at the end."""
    end = len(numbers)
    while end and not numbers[end - 1]:
        end -= 1
    return list(numbers[:end])


def _packed(history: Mapping[str, Any]) -> str:
    """JSON, gzipped, as base64: an eighth of its size, and no character that could end the element it stands in."""
    plain = json.dumps(history, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(plain, 6, mtime=0)).decode()
