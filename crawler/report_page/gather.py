"""From a run's report and the history of its sources to what the page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from crawler import __version__
from crawler.items import Outcome
from crawler.report_page.asked import Asked
from crawler.report_page.needs import needs_of_run, needs_of_source, unread
from crawler.report_page.series import DAYS, Series, Window, rounded, series_of
from crawler.report_page.view import WEEK, Level, Need, ReportView, SourceView, Told
from crawler.report_page.week import Week
from crawler.state import DiskError
from crawler.state.history import Row

TOLD_KINDS = 3  # of what a number is made of


def report_view(report: Mapping[str, Any], rows: Iterable[Row], place: Sequence[str]) -> ReportView:
    """The page of a run: its report as it was written, and the rows of the history, by source and day.

    ``place`` are the options that name the state to a command.
    """
    ended = dt.datetime.fromisoformat(report["finished"])
    window, asked = Window.until(ended), Asked(report, place)
    series, needs, sources = dict[str, Series](), list(needs_of_run(report, asked)), []
    try:
        series.update((name, series_of(days, window)) for name, days in groupby(rows, key=lambda row: row.source))
    except DiskError as error:
        needs.append(unread(error, asked))
    for name in series.keys() | asked.address.keys():
        own = series.get(name) or Series(window=window)
        week = Week.of(own)
        wanted = list(needs_of_source(name, week, own.alarms(), asked))
        needs += wanted
        sources.append(_source(name, own, week, _state(name, wanted, asked), asked))
    return ReportView(
        run=report["run"],
        said=_said(report, ended),
        tiles=list(_tiles(report, asked)),
        needs=needs,
        sources=sorted(sources, key=lambda source: (source.level, source.state, source.name)),
        first=window.first,
        days=DAYS,
        footer=f"Written by dateline {__version__}. For programs: {report['run']}.json, beside this page.",
    )


def _source(name: str, own: Series, week: Week, state: tuple[Level, str, str], asked: Asked) -> SourceView:
    usual, spreads_ms = own.usual(), own.spreads_ms()
    middle_ms, slow_ms = ([rounded(spread.quantile(share)) for spread in spreads_ms] for share in (0.5, 0.9))
    band = {"low": usual.low, "high": usual.high} if usual else {}
    level, word, why = state
    return SourceView(
        name=name,
        url=asked.address_of(name) or name,
        level=level,
        state=word,
        why=why,
        week=sum(own.articles[-WEEK:]),
        usual_week=usual.week if usual else None,
        hours=_middle(own.hours[-WEEK:]),
        refused=_share(week.refused, week.ended),
        undated=_share(week.undated, week.dated),
        doubtful=_share(week.unsure, week.written),
        removed=_share(week.removed, week.written),
        ms=middle_ms[-1],
        memory=own.memory,
        facts=list(_facts(name, own, week, asked)),
        by_day=Told(kinds=own.by_day, lines={"articles": own.articles, "hours": own.hours, **band}),
        by_week=Told(kinds=own.by_week, lines={"doubt": own.doubt(), "ms": middle_ms, "slow": slow_ms}),
    )


def _state(name: str, needs: Sequence[Need], asked: Asked) -> tuple[Level, str, str]:
    """How a source is, in a word, and why."""
    if needs:
        worst = min(needs, key=lambda need: need.level)
        return worst.level, worst.mark, worst.what
    if name in asked.resting:
        return Level.RESTS, "not due", ""
    return (Level.FINE, "well", "") if name in asked.address else (Level.RESTS, "not asked", "")


def _facts(name: str, own: Series, week: Week, asked: Asked) -> Iterator[tuple[str, str]]:
    yield "Address", asked.address_of(name) or "not in this run"
    if own.last:
        yield "Last asked", _moment(own.last.asked_at)
    if due := asked.resting.get(name):
        yield "Asked again", due.replace("T", " ").removesuffix("Z")[:16] + " UTC"
    if own.last and own.last.newest:
        yield "Newest article", _moment(own.last.newest)
    if own.memory:
        held = (
            f", {week.fitting:,} pages of the week fit it, {week.strange:,} do not"
            if week.fitting + week.strange
            else ""
        )
        yield "Memory of its site", own.memory + held
    if own.begins < DAYS:
        known = DAYS - own.begins
        yield "Known for", f"{known} day{'s' if known > 1 else ''}{'' if own.begins else ' or more'}"


def _said(report: Mapping[str, Any], ended: dt.datetime) -> str:
    began = dt.datetime.fromisoformat(report["started"])
    took = round((ended - began).total_seconds())
    spent = f"{took // 60:,} min {took % 60} s" if took >= 60 else f"{took} s"
    return f"{began:%A, %-d %B %Y, %H:%M} UTC, {spent}; {report['finish_reason']}; run {report['run']}"


def _tiles(report: Mapping[str, Any], asked: Asked) -> Iterator[tuple[str, str, str]]:
    outcomes: Mapping[str, int] = report["outcomes"]
    updated = outcomes.get(Outcome.UPDATED, 0)
    refused = {kind: number for kind, number in outcomes.items() if kind not in {*_WRITTEN, Outcome.DEFERRED}}
    passed = sum(report["passed_over"].values())
    yield "Found", f"{report['found']:,}", f"{passed:,} more were not fetched" if passed else "new addresses"
    yield "Saved", f"{report['saved']:,}", f"{updated:,} new versions" if updated else ""
    yield "Refused", f"{sum(refused.values()):,}", _kinds(refused)
    yield "Left for later", f"{report['deferred']:,}", ""
    yield "Texts removed", f"{sum(report['removed'].values()):,}", _kinds(report["removed"])
    resting = f"{len(asked.resting):,} more were not due" if asked.resting else ""
    yield "Sources asked", f"{max(len(asked.address) - len(asked.resting), 0):,}", resting
    yield "Sources failed", f"{len(asked.failed):,}", ""
    if lines := sum(report["recovered"].values()):
        yield "From an earlier run", f"{lines:,}", "lines that it could not write"


_WRITTEN = (Outcome.SAVED, Outcome.UPDATED)


def _kinds(numbers: Mapping[str, int]) -> str:
    """What a number is made of: the most frequent kinds."""
    most = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    more = ", …" if len(most) > TOLD_KINDS else ""
    return ", ".join(f"{number:,} {kind}" for kind, number in most[:TOLD_KINDS]) + more


def _moment(seconds: int) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d %H:%M} UTC"


def _middle(numbers: Iterable[float | None]) -> float | None:
    known = sorted(number for number in numbers if number is not None)
    return known[len(known) // 2] if known else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
