"""Whether a redesign is noticed at the next crawl, on pages of real outlets from before and after one.

    python -m benchmarks.redesigns

The bench's set fundus has outlets with a page for each version of a hand-written parser: from V1 to V2 it was written
anew, from V1 to V1_1 mended. The older page is taken as eight weeks of twelve such articles a day (lengths and what is
cut vary as articles do), the newer one as the twelve of the next day, which is judged as a crawl judges it. The control
is the set fundus_eval: outlets with five pages of one time, of which four are the past and the fifth is the next day,
each in turn. Exit code 2: there is no bench.
"""

from __future__ import annotations

import datetime as dt
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from benchmarks.bench import BENCH, Answer, Bench, no_bench
from benchmarks.table import Table, show
from crawler.drift.judge import PAST_DAYS, habit_of, judge
from crawler.drift.kinds import Sign
from crawler.extraction.extract import extract
from crawler.history import Account, Day
from crawler.items import Extract, Outcome, Page, Refused
from crawler.memory.layouts import Layouts
from crawler.site import Trace
from crawler.terminal import stdout_console

A_DAY = 12  # articles
TODAY = dt.datetime(2025, 4, 26, 23, tzinfo=dt.UTC)
Result = Extract | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An outlet's past and the page that all articles of the next day are like."""

    name: str
    kind: str
    past: Sequence[Page]
    new: Page


REBUILT, MENDED, CONTROL = "Parser written anew", "Parser mended", "Control: pages of one time"


def cases(bench: Bench) -> Iterator[Case]:
    """Those of fundus from version to version, those of fundus_eval page by page."""
    for outlet, found in sorted(_by_outlet(bench, "fundus").items()):
        for (older, first), (newer, second) in pairwise(found):
            versions = [str(answer["gold_version"]) for answer in (older, newer)]
            is_anew = versions[0].partition("_")[0] != versions[1].partition("_")[0]
            name = f"{outlet} {versions[0]} → {versions[1]}"
            yield Case(name=name, kind=REBUILT if is_anew else MENDED, past=[first], new=second)
    for outlet, found in sorted(_by_outlet(bench, "fundus_eval").items()):
        pages = [page for _, page in found]
        for number, page in enumerate(pages):
            rest = pages[:number] + pages[number + 1 :]
            yield Case(name=f"{outlet} {number + 1}", kind=CONTROL, past=rest, new=page)


def _by_outlet(bench: Bench, of_set: str) -> dict[str, list[tuple[Answer, Page]]]:
    """The pages of each outlet that has several, by their day."""
    rows = bench.manifest(of_set)
    answers = bench.answers(rows)
    found: defaultdict[str, list[tuple[Answer, Page]]] = defaultdict(list)
    for row, page in zip(rows, bench.pages(rows), strict=True):
        if not isinstance(page, Refused):
            found[str(answers[row["id"]]["domain"])].append((answers[row["id"]], page))
    for pages in found.values():
        pages.sort(key=lambda item: str(item[0].get("crawl_date")))
    return {outlet: pages for outlet, pages in found.items() if len(pages) > 1}


def alarms(case: Case) -> list[str]:
    """The kinds of the alarms of the day on which all pages are like the new one."""
    before = [extract(replace(page, teaches=True)) for page in case.past]
    rng, layouts = random.Random(1), Layouts()  # noqa: S311  a simulation
    days = [_day(back, before, layouts, rng) for back in range(PAST_DAYS + 2, 0, -1)]
    days.append(_day(0, [extract(replace(case.new, teaches=True))], layouts, rng))
    habit = habit_of(days, TODAY.date())
    return [finding.kind.value for finding in judge(habit, days, TODAY) if finding.sign is Sign.OFF]


def _day(back: int, results: Sequence[Result], layouts: Layouts, rng: random.Random) -> Day:
    account, at = Account(runs=1), TODAY - dt.timedelta(days=back)
    for number in range(A_DAY):
        result = results[number % len(results)]
        account.pages += 1
        if isinstance(result, Refused):
            account.outcomes[result.reason.outcome] += 1
            account.reasons[result.reason] += 1
            continue
        account.outcomes[Outcome.SAVED] += 1
        account.hours[int(at.timestamp()) // 3600 - 2 * number] += 1
        account.wrote(_another(result, rng))
        if isinstance(result.trace, Trace):
            layouts.learn(result.trace)
            account.strange += layouts.is_strange
            account.fitting += not layouts.is_strange
    return Day(source="s", day=at.date(), asked_at=at, account=account, newest=account.newest)


def _another(result: Extract, rng: random.Random) -> Extract:
    """An article like this one, longer or shorter, of which more or less is cut."""
    body, cut = (math.exp(rng.gauss(0, 0.5)) for _ in range(2))
    paragraphs = ("x" * round(body * sum(map(len, result.paragraphs))),)
    removed = tuple(replace(part, text="x" * round(cut * len(part.text))) for part in result.removed)
    return replace(result, paragraphs=paragraphs, removed=removed)


def main() -> int:
    """Print what was noticed of each pair."""
    bench = Bench(folder=BENCH)
    if not bench.is_there:
        return no_bench("redesigns", bench)
    found = [(case, alarms(case)) for case in cases(bench)]
    show([_table(found, kind) for kind in (REBUILT, MENDED, CONTROL)], stdout_console())
    return 0


def _table(found: Sequence[tuple[Case, list[str]]], kind: str) -> Table:
    own = [(case.name, raised) for case, raised in found if case.kind == kind]
    kinds = Counter(alarm for _, raised in own for alarm in raised)
    noticed = sum(bool(raised) for _, raised in own)
    return Table(
        title=f"{kind}: {noticed} of {len(own)} raised an alarm",
        columns=("outlet", "alarms of the first day"),
        rows=[(name, ", ".join(raised) or "–") for name, raised in own],
        words=2,
        notes=(", ".join(f"{alarm} {n}" for alarm, n in kinds.most_common()),),
    )


if __name__ == "__main__":
    sys.exit(main())
