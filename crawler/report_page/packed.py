"""The history of all sources for the page's script: the series that its charts draw, packed small."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from crawler.report_page.texts import clean
from crawler.report_page.view import WEEK, Numbers, ReportView, SourceView

SHORTEST = 4 * WEEK  # days of the charts, of what is known for less
Names = Mapping[str, Mapping[str, int]]  # a group → its kinds → their numbers, the most frequent first


def packed(view: ReportView) -> str:
    """JSON, gzipped, as base64: an eighth of its size, and no character that could end the element it stands in."""
    plain = json.dumps(_history(view), separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(plain, 6, mtime=0)).decode()


def _history(view: ReportView) -> dict[str, Any]:
    """The series of all sources, in the order of the rows; kinds are numbers, the most frequent first."""
    names = _by_frequency(view.sources)
    weeks = _empty_weeks(view)
    first = dt.datetime.combine(view.first, dt.time(), dt.UTC) + dt.timedelta(days=weeks * WEEK)
    return {
        "first": int(first.timestamp()),
        "days": view.days - weeks * WEEK,
        "names": {group: [clean(kind) for kind in kinds] for group, kinds in names.items()},
        "sources": [_series(source, names, weeks) for source in view.sources],
    }


def _empty_weeks(view: ReportView) -> int:
    """How many weeks at the beginning are left out, since nothing is known of them."""
    told = [source.by_day for source in view.sources]
    known = [numbers for one in told for numbers in (one.lines["articles"], *one.kinds.get("outcomes", {}).values())]
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
    facts = [[clean(name), clean(value)] for name, value in source.facts]
    return {"kinds": kinds, "lines": lines, "values": _values(source), "facts": facts}


def _trimmed(numbers: Numbers) -> list[float | None]:
    """Without what is nothing at the end."""
    end = len(numbers)
    while end and not numbers[end - 1]:
        end -= 1
    return list(numbers[:end])


def _values(source: SourceView) -> list[str | float | None]:
    """What a row is sorted by: its cells but the name's, as numbers."""
    shares = (source.refused, source.undated, source.doubtful)
    numbers = (source.week, source.usual_week, None, source.hours, *shares, source.removed, source.ms)
    return [
        f"{source.level:d} {clean(source.state)}",
        *(None if n is None else round(n, 3) for n in numbers),
        source.memory,
    ]
