"""What a run found, as tables: the goals, each set beside its baselines, each language beside trafilatura."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from benchmarks.bench import PageScore, Record
from benchmarks.measure import BODY_MEASURES, MANY_PAGES, MEASURES, Measure, Scores
from benchmarks.peers import PEER, Baselines, Goal
from benchmarks.table import Table

OURS = "Dateline"
CONFIDENCES = (0.0, 0.75, 0.85, 0.9, 0.95, 0.97, 0.985, 1.01)  # where the table's groups begin and end
POOR = 0.8  # a page's F1
CPU = Measure(key="cpu", title="CPU", column="CPU", path=("", ""), more_is_better=False)  # in trafilaturas
Values = Mapping[str, float]  # by measure


def goals_table(goals: Sequence[Goal], ours: Scores, peer: Scores, peer_name: str, notes: Sequence[str] = ()) -> Table:
    """The goals for the sets that were run, what is reached of each, and whether that is enough; blank if not measured.

    Values are held against the goals unrounded: 96.96 % is not yet 97.0.
    """
    rows = [_goal_row(goal, ours[goal.group], peer[goal.group]) for goal in goals if goal.group in ours]
    verdicts = [row[-1] for row in rows]
    return Table(
        title=f"Goals: {verdicts.count('yes')} of {len(verdicts) - verdicts.count('')} met",
        columns=("measure", peer_name, "reach", "reached", "met"),
        rows=rows,
        notes=tuple(notes),
    )


def sets_table(ours: Scores, peer: Scores, peer_name: str, baselines: Baselines) -> Table:
    """Each set with our numbers, trafilatura's and those of the other extractors; blank where one was not run."""
    rows = [row for name in ours for row in _set_rows(name, ours[name], peer[name], baselines.get(name, {}))]
    return Table(
        title="By set, in per cent",
        columns=("set", "extractor", *(measure.column for measure in MEASURES)),
        rows=rows,
        words=2,
        bold=frozenset(number for number, row in enumerate(rows) if row[1] == OURS),
        notes=tuple(f"below {peer_name}: {fault}" for fault in behind(ours, peer, MEASURES)),
    )


def languages_table(ours: Scores, peer: Scores, peer_name: str) -> Table:
    """Pages with a body by the language they declare, the largest group first: ours, a stroke, trafilatura's."""
    names = sorted(ours, key=lambda name: (-ours[name]["n"], name))
    rows = [
        (name, f"{ours[name]['n']:.0f}", *(_pair(ours[name], peer[name], measure) for measure in BODY_MEASURES))
        for name in names
    ]
    many = {name: values for name, values in ours.items() if values["n"] >= MANY_PAGES}
    return Table(
        title=f"By language, in per cent: {OURS} / {peer_name}",
        columns=("language", "pages", *(measure.column for measure in BODY_MEASURES)),
        rows=rows,
        notes=tuple(f"below {peer_name}: {fault}" for fault in behind(many, peer, BODY_MEASURES)),
    )


def confidence_table(pages: Sequence[PageScore], records: Mapping[str, Record]) -> Table:
    """Pages with a body by the confidence that their records state: what was reached beside what was expected."""
    about = ((records.get(page["id"], {}).get("_dateline", {}), page) for page in pages if "t" in page)
    known = [(said["confidence"], page["page_f1"]) for said, page in about if "confidence" in said]
    groups = [[pair for pair in known if low <= pair[0] < high] for low, high in pairwise(CONFIDENCES)]
    rows = [
        (
            f"{low:.2f} to {min(high, 1.0):.2f}",
            str(len(group)),
            *(f"{100 * sum(values) / len(group):.1f}" for values in zip(*group, strict=True)),
            f"{100 * sum(f1 < POOR for _, f1 in group) / len(group):.0f}",
        )
        for (low, high), group in zip(pairwise(CONFIDENCES), groups, strict=True)
        if group
    ]
    columns = ("confidence", "pages", "expected F1", "reached F1", f"below {POOR}")
    return Table(title="Confidence of records, in per cent", columns=columns, rows=rows)


def behind(ours: Scores, peer: Scores, measures: Sequence[Measure]) -> Iterator[str]:
    """The groups in which we are on the wrong side of another, a phrase for each."""
    for name, values in ours.items():
        worse = [m for m in measures if m.key in values and m.is_worse(values[m.key], peer[name][m.key])]
        if worse:
            pairs = (f"{m.title} {100 * values[m.key]:.1f} / {100 * peer[name][m.key]:.1f}" for m in worse)
            yield f"{name} ({values['n']:.0f} pages): {', '.join(pairs)}"


def missed_dates(pages: Sequence[PageScore], name: str) -> Iterator[str]:
    """The pages of a set whose date is not right, each with the answer and what was read."""
    for page in pages:
        if page["source_set"] == name and page.get("date", "right") != "right":
            yield f"date {page['date']}: {page['id']}, the answer is {page['date_gold']}, read {page['date_pred']}"


def _goal_row(goal: Goal, ours: Values, peer: Values) -> tuple[str, ...]:
    measure = next(m for m in (*MEASURES, CPU) if m.key == goal.measure)
    scale = 1 if measure is CPU else 100
    own, other = ours.get(goal.measure), peer.get(goal.measure)
    reach = f"{'≥' if measure.more_is_better else '≤'} {goal.reach:.1f}"
    met = "" if own is None else "no" if measure.is_worse(round(scale * own, 9), goal.reach) else "yes"
    reached = "" if own is None else f"{scale * own:.2f}"
    return goal.title, "" if other is None else f"{scale * other:.1f}", reach, reached, met


def _set_rows(name: str, ours: Values, peer: Values, others: Mapping[str, Values]) -> Iterator[tuple[str, ...]]:
    yield (f"{name} ({ours['n']:.0f})", OURS, *(_cell(ours, measure, 100) for measure in MEASURES))
    yield ("", PEER, *(_cell(peer, measure, 100) for measure in MEASURES))
    for other, values in others.items():
        yield ("", other, *(_cell(values, measure, 1) for measure in MEASURES))


def _pair(ours: Values, peer: Values, measure: Measure) -> str:
    pair = (_cell(ours, measure, 100), _cell(peer, measure, 100))
    return " / ".join(pair) if any(pair) else ""


def _cell(values: Values, measure: Measure, scale: int) -> str:
    value = values.get(measure.key)
    return "" if value is None else f"{scale * value:.1f}"
