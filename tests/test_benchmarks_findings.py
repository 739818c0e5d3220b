"""The tables of a quality run, the groups it is told by, the floor, and the cost of a page."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.cost import Cost, cost_table, measure_cost, profile
from benchmarks.findings import goals_table, languages_table, missed_dates, sets_table
from benchmarks.floor import below_floor, raise_floor, read_floor
from benchmarks.measure import MEASURES, language_of, scored
from benchmarks.peers import Goal, peer_name, read_baselines, read_goals
from benchmarks.table import Table, markdown, show
from crawler.items import Page

PEER = "other 1.0"
PAGE = b"""<html lang="en"><head><title>The ferry is back</title></head><body><article><h1>The ferry is back</h1>
<p>The small ferry crosses the bay again after a winter in the dock, and the first boat of the morning was full.</p>
<p>Its captain said that the new engine is quieter than the gulls, which nobody had thought possible.</p>
</article></body></html>"""


def mean_f1(pages: Sequence[dict[str, Any]], _: int) -> dict[str, Any]:
    """Stands in for the bench's summary: the mean of the pages' own numbers."""
    return {"n": len(pages), "body": {"f1": sum(page["page_f1"] for page in pages) / len(pages)}}


def score(page: str, source_set: str, f1: float, *, has_body: bool = True) -> dict[str, Any]:
    return {"id": page, "source_set": source_set, "page_f1": f1} | ({"t": ()} if has_body else {})


def goal(measure: str, reach: float, group: str = "news") -> Goal:
    return Goal(title=measure, group=group, measure=measure, reach=reach)


def drawn(table: Table, *, is_terminal: bool) -> str:
    written = io.StringIO()
    show([table], Console(file=written, force_terminal=is_terminal, width=100, color_system=None))
    return written.getvalue()


@pytest.mark.parametrize(
    ("declared", "language"),
    [
        ("en", "en"),
        ("de-AT", "de"),
        ("nb-NO", "no"),
        ("nn", "no"),
        ("PT_br", "pt"),
        (None, "undeclared"),
        ("", "undeclared"),
    ],
)
def test_the_language_of_a_page_is_its_primary_subtag(declared: str | None, language: str) -> None:
    assert language_of({"html_lang": declared}) == language


def test_pages_are_scored_by_set_and_those_with_a_body_by_language() -> None:
    pages = [score("a", "aeb", 1.0), score("b", "fundus", 0.5), score("c", "fundus_eval", 0.6)]
    pages.append(score("d", "htmldate", 0.0, has_body=False))
    answers = {name: {"html_lang": language} for name, language in zip("abcd", ("nb", "no", "en", "en"), strict=True)}
    found = scored(mean_f1, answers, pages)
    assert found.by_set == {
        "news": {"n": 3, "f1": pytest.approx(0.7)},
        "aeb": {"n": 1, "f1": 1.0},
        "fundus": {"n": 1, "f1": 0.5},
        "fundus_eval": {"n": 1, "f1": 0.6},
        "htmldate": {"n": 1, "f1": 0.0},
    }
    assert found.by_language == {
        "no": {"n": 2, "f1": 0.75},
        "en": {"n": 1, "f1": 0.6},
        "fewer than 10 pages each": {"n": 3, "f1": pytest.approx(0.7)},
    }


def test_without_all_of_its_sets_there_is_no_news() -> None:
    found = scored(mean_f1, {"a": {}}, [score("a", "aeb", 1.0)])
    assert list(found.by_set) == ["aeb"]


def test_a_goal_is_held_against_what_is_reached_unrounded() -> None:
    goals = [goal("f1", 97.0), goal("failed", 1.0), goal("leak_rate", 4.0), goal("cpu", 1.3), goal("snippets", 94.0)]
    goals.append(goal("f1", 96.0, group="not-run"))
    ours = {"news": {"f1": 0.96996, "failed": 0.01, "leak_rate": 0.05, "cpu": 1.25}}
    table = goals_table(goals, ours, {"news": {"f1": 0.95, "failed": 0.023, "leak_rate": 0.172, "cpu": 1.0}}, PEER)
    assert table.title == "Goals: 2 of 4 met"
    assert table.rows == [
        ("f1", "95.0", "≥ 97.0", "97.00", "no"),
        ("failed", "2.3", "≤ 1.0", "1.00", "yes"),
        ("leak_rate", "17.2", "≤ 4.0", "5.00", "no"),
        ("cpu", "1.0", "≤ 1.3", "1.25", "yes"),
        ("snippets", "", "≥ 94.0", "", ""),
    ]


def test_every_goal_and_baseline_is_of_a_known_measure() -> None:
    known = {measure.key for measure in MEASURES}
    assert {goal.measure for goal in read_goals()} <= known | {"cpu"}
    cells = [values for others in read_baselines().values() for values in others.values()]
    assert {key for values in cells for key in values} <= known
    assert all(0 <= value <= 100 for values in cells for value in values.values())


def test_a_set_stands_beside_the_others_and_what_is_below_is_named() -> None:
    ours, peer = {"wcxb": {"n": 283, "f1": 0.95, "failed": 0.02}}, {"wcxb": {"n": 283, "f1": 0.949, "failed": 0.014}}
    table = sets_table(ours, peer, PEER, {"wcxb": {"goose": {"f1": 86.4}}, "aeb": {"goose": {"f1": 1.0}}})
    assert [row[:5] for row in table.rows] == [
        ("wcxb (283)", "Dateline", "95.0", "", "2.0"),
        ("", "trafilatura", "94.9", "", "1.4"),
        ("", "goose", "86.4", "", ""),
    ]
    assert table.notes == ("below other 1.0: wcxb (283 pages): failed pages 2.0 / 1.4",)


def test_languages_are_told_largest_first_and_only_large_ones_named_as_below() -> None:
    ours = {"pt": {"n": 4, "f1": 0.8}, "de": {"n": 10, "f1": 0.9}, "en": {"n": 20, "f1": 0.96}}
    peer = {"pt": {"n": 4, "f1": 0.9}, "de": {"n": 10, "f1": 0.91}, "en": {"n": 20, "f1": 0.95}}
    table = languages_table(ours, peer, PEER)
    assert [row[:3] for row in table.rows] == [
        ("en", "20", "96.0 / 95.0"),
        ("de", "10", "90.0 / 91.0"),
        ("pt", "4", "80.0 / 90.0"),
    ]
    assert table.notes == ("below other 1.0: de (10 pages): body F1 90.0 / 91.0",)


def test_dates_that_are_not_right_are_named() -> None:
    dated = {"source_set": "fundus", "date_gold": "2026-06-01", "date_pred": "2026-01-06"}
    pages = [
        dated | {"id": "p", "date": "wrong"},
        dated | {"id": "q", "date": "right"},
        {"id": "r", "source_set": "fundus"},
    ]
    assert list(missed_dates(pages, "fundus")) == ["date wrong: p, the answer is 2026-06-01, read 2026-01-06"]
    assert list(missed_dates(pages, "aeb")) == []


def test_a_table_in_markdown_has_a_line_a_row_and_its_notes() -> None:
    table = Table(title="T", columns=("a|b", "n"), rows=[("x", "1"), ("y", "")], bold=frozenset({0}), notes=("note",))
    lines = ["## T", "", "| a\\|b | n |", "|---|--:|", "| **x** | **1** |", "| y |  |", "", "note", ""]
    assert list(markdown(table)) == lines
    assert drawn(table, is_terminal=False) == "\n".join(lines) + "\n"


def test_a_table_in_a_terminal_reads_no_style_out_of_its_cells() -> None:
    table = Table(title="T", columns=("name", "n"), rows=[("[red]x[/]", "1")], notes=("[bold]note",))
    shown = drawn(table, is_terminal=True)
    assert "[red]x[/]" in shown
    assert "[bold]note" in shown
    assert "|" not in shown


def test_what_falls_below_the_floor_is_told() -> None:
    floor = {"corpus": "abc", "scores": {"news": {"date_right": 0.96, "date_wrong": 0.01, "author_f1": 0.9}}}
    fine = {"n": 50, "date_right": 0.9596, "date_wrong": 0.0104, "author_f1": 1.0}
    assert list(below_floor({"news": fine}, "abc", floor)) == []
    assert list(below_floor({"news": fine | {"date_right": 0.9594, "date_wrong": 0.02}}, "abc", floor)) == [
        "news: dates right 95.94 %, the floor is 96.00 %",
        "news: dates wrong 2.00 %, the floor is 1.00 %",
    ]


def test_what_is_learned_may_differ_by_as_much_as_another_training_brings_about() -> None:
    floor = {"corpus": "abc", "scores": {"news": {"f1": 0.96, "near_perfect": 0.8}}}
    assert list(below_floor({"news": {"n": 100, "f1": 0.9526, "near_perfect": 0.78}}, "abc", floor)) == []
    assert list(below_floor({"news": {"n": 100, "f1": 0.9519, "near_perfect": 0.77}}, "abc", floor)) == [
        "news: body F1 95.19 %, the floor is 96.00 %",
        "news: near-perfect pages 77.00 %, the floor is 80.00 %",
    ]


def test_a_floor_of_other_pages_is_no_floor() -> None:
    floor = {"corpus": "a" * 64, "scores": {"news": {"f1": 0.1}}}
    assert list(below_floor({"news": {"f1": 0.9}}, "b" * 64, floor)) == [
        "the pages are others than those of the floor (bbbbbbbbbbbb, not aaaaaaaaaaaa)"
    ]


def test_a_raised_floor_holds_what_was_measured(tmp_path: Path) -> None:
    raise_floor({"news": {"n": 309, "f1": 0.9667812}}, "abc", tmp_path / "floor.json")
    assert json.loads((tmp_path / "floor.json").read_text()) == {"corpus": "abc", "scores": {"news": {"f1": 0.96678}}}


def test_the_floor_in_the_project_is_of_known_measures() -> None:
    known = {measure.key for measure in MEASURES}
    assert {key for values in read_floor()["scores"].values() for key in values} <= known


def test_the_ratios_of_a_cost_are_of_the_medians_and_of_the_median_page() -> None:
    cost = Cost(ours=(10.0, 20.0, 90.0), peer=(10.0, 40.0, 30.0))
    assert (cost.ratio, cost.page_ratio) == (pytest.approx(20 / 30), 1.0)
    assert cost_table(cost, 6).rows == [
        ("Dateline", "20.0", "40.0", "90.0"),
        (peer_name(), "30.0", "26.7", "40.0"),
        ("times", "0.67", "1.50", "2.25"),
    ]


def test_a_page_costs_something_and_its_steps_add_up_to_it() -> None:
    pages = [Page(url="https://example.org/ferry", body=PAGE, fetched_at=dt.date(2026, 5, 4))]
    cost = measure_cost(pages, rounds=2)
    assert (len(cost.ours), len(cost.peer)) == (1, 1)
    assert min(*cost.ours, *cost.peer) > 0
    steps = profile(pages, rounds=1)
    assert {"parse_html", "judge", "find_dates", "the rest"} <= set(steps)
    assert min(steps.values()) >= 0


def test_profiling_leaves_the_steps_as_they_were() -> None:
    from crawler.extraction import extract, html

    profile([Page(url="https://example.org/ferry", body=PAGE, fetched_at=dt.date(2026, 5, 4))], rounds=1)
    assert extract.parse_html is html.parse_html
