"""The worst pages: lines beside each other, words kept as the scorer counts them, strangers' text that does nothing."""

from __future__ import annotations

import base64
import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from benchmarks.alignment import Fate, Row, align
from benchmarks.worst_pages import Cut, WorstPage, cut_of, pages_html, worst_page

HARBOUR = "The harbour office said on Monday that the old crane would be painted green."
CRANE = "Nobody had asked the crane, which has stood on the east quay for ninety years."
APPEAL = "If these lines are of use to you, give a little so that they stay open to all."
LINES = st.lists(st.sampled_from(["red", "boat", "— quay", "and", "港", "sea."]), min_size=1).map(" ".join)


def fates(answer: str, ours: str) -> list[tuple[str, str, Fate]]:
    return [(*(line.text if line else "" for line in (r.answer, r.ours)), r.fate) for r in align(answer, ours)]


def marked(row: Row) -> list[tuple[str, bool]]:
    assert row.answer
    return [(run.text, run.is_kept) for run in row.answer.runs]


def page(**others: object) -> WorstPage:
    record = {"content_text": HARBOUR, "_dateline": {"removed": [], "corrections": []}} | others
    score = {"id": "own-1", "source_set": "own", "url": "https://example.org/1", "page_f1": 0.5}
    return worst_page(score | {"precision": 1.0, "recall": 0.3}, {"body": f"{HARBOUR}\n{CRANE}"}, record, 0.75)


def document(*pages: WorstPage) -> html.HtmlElement:
    return html.document_fromstring(pages_html(pages, total=9))


def texts(tree: html.HtmlElement, css_class: str) -> list[str]:
    found = tree.xpath("//*[contains(concat(' ', @class, ' '), $c)]", c=f" {css_class} ")
    return [" ".join(element.text_content().split()) for element in found]


def test_lines_are_kept_lost_or_extra() -> None:
    assert fates(f"{HARBOUR}\n{CRANE}", f"{HARBOUR}\n\n{APPEAL}") == [
        (HARBOUR, HARBOUR, Fate.KEPT),
        (CRANE, "", Fate.LOST),
        ("", APPEAL, Fate.EXTRA),
    ]


def test_a_text_that_we_print_twice_is_extra_the_second_time() -> None:
    assert fates(HARBOUR, f"{HARBOUR}\n{HARBOUR}") == [(HARBOUR, HARBOUR, Fate.KEPT), ("", HARBOUR, Fate.EXTRA)]


def test_lines_cut_otherwise_are_kept() -> None:
    assert [fate for *_, fate in fates(f"{HARBOUR} {CRANE}", f"{HARBOUR}\n{CRANE}")] == [Fate.KEPT, Fate.KEPT]


def test_words_are_marked_inside_a_line() -> None:
    [row] = align(f"{HARBOUR} {CRANE}", HARBOUR)
    assert marked(row) == [(f"{HARBOUR} ", True), (CRANE, False)]


def test_common_words_do_not_put_two_lines_beside_each_other() -> None:
    assert fates("The boat on the quay is red.", "The quay is on the map of boat trips and of much else.") == [
        ("The boat on the quay is red.", "", Fate.LOST),
        ("", "The quay is on the map of boat trips and of much else.", Fate.EXTRA),
    ]


def test_scripts_without_spaces_are_told_by_the_character() -> None:
    [row] = align("港の古いクレーンは緑に塗られる。", "港の古いクレーンは緑")
    assert marked(row) == [("港の古いクレーンは緑", True), ("に塗られる。", False)]


@given(st.lists(LINES), st.lists(LINES))
def test_no_line_is_left_out_or_moved(answer: list[str], ours: list[str]) -> None:
    rows = align("\n".join(answer), "\n".join(ours))
    assert [row.answer.text for row in rows if row.answer] == answer
    assert [row.ours.text for row in rows if row.ours] == ours
    assert all(row.answer or row.ours for row in rows)


@given(st.lists(LINES))
def test_a_text_beside_itself_is_kept_whole(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert all(run.is_kept for row in align(text, text) for line in (row.answer, row.ours) if line for run in line.runs)


def test_nothing_beside_nothing_has_no_rows() -> None:
    assert align("", "\n \n") == []


def test_what_cut_a_line_is_the_entry_with_its_words() -> None:
    cuts = [
        Cut(kind="byline", reason="names", text="By Ada Quay"),
        Cut(kind="related links", reason="a link", text=CRANE),
    ]
    [row] = align(CRANE, "")
    assert row.answer
    assert cut_of(row.answer, cuts) == cuts[1]
    assert cut_of(row.answer, cuts[:1]) is None


def test_a_lost_line_has_the_reason_beside_it() -> None:
    removed = [{"kind": "donation appeal", "reason": "en appeal: ask + money", "text": CRANE}]
    tree = document(page(_dateline={"removed": removed}))
    assert texts(tree, "lost")[-2:] == [f"{CRANE} cut as donation appeal: en appeal: ask + money", CRANE]
    assert texts(tree, "note") == []


def test_a_line_that_no_rule_cut_says_so() -> None:
    assert texts(document(page()), "note") == ["not taken for the article"]


def test_a_moved_correction_is_told_as_one() -> None:
    tree = document(page(_dateline={"removed": [], "corrections": [CRANE]}))
    assert texts(tree, "cut")[1] == "cut as correction: moved to corrections"


def test_a_refused_page_tells_why_and_nothing_else() -> None:
    tree = document(page(content_text=None, _dateline={"refused": "index page", "detail": "a front page"}))
    assert texts(tree, "refused") == ["Refused: index page: a front page"]
    assert texts(tree, "why") == ["refused: index page: a front page"]
    assert texts(tree, "note") == []


def test_the_jump_list_leads_to_each_page_with_its_numbers() -> None:
    [row] = document(page()).xpath("//tbody/tr")
    cells = [cell.text_content() for cell in row]
    assert cells == ["own-1", "own", "undeclared", "50.0", "100.0", "30.0", "75.0", "15 words lost"]
    assert row.xpath(".//a/@href") == ["#own-1"]


def test_many_lines_kept_are_folded_but_for_the_ends() -> None:
    body = "\n".join(f"Boat number {n} came in at {n} past six with {n} crates of fish." for n in range(20, 30))
    score = {"id": "own-2", "source_set": "own", "url": "", "page_f1": 1.0, "precision": 1.0, "recall": 1.0}
    tree = document(worst_page(score, {"body": body}, {"content_text": body}, 1.0))
    assert tree.xpath("//details/summary/text()") == ["6 more lines kept"]
    assert len(tree.xpath("//details/div")) == 6


def test_a_page_by_strangers_cannot_run_or_load_anything() -> None:
    nasty = '<script>alert(1)</script><img src="https://example.org/x.png" onerror="alert(2)">"\'&'
    score = {
        "id": nasty,
        "source_set": nasty,
        "url": f"javascript:{nasty}",
        "page_f1": 0.0,
        "precision": 0.0,
        "recall": 0.0,
    }
    removed = [{"kind": nasty, "reason": nasty, "text": nasty}]
    record = {"content_text": f"{nasty} ours", "_dateline": {"removed": removed, "refused": nasty, "detail": nasty}}
    tree = document(worst_page(score, {"body": f"{nasty}\n{CRANE}", "html_lang": nasty}, record, 0.0))
    assert len(tree.xpath("//script")) == 1
    assert tree.xpath("//img | //iframe | //link | //object | //*[@onerror] | //a[not(starts-with(@href, '#'))]") == []
    assert tree.xpath("//article/@id") == [nasty]


def test_the_policy_allows_the_pages_own_style_and_script_alone() -> None:
    tree = document(page())
    [policy] = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    hashes = [
        base64.b64encode(hashlib.sha256(tree.xpath(f"string(//{tag})").encode()).digest()).decode()
        for tag in ("style", "script")
    ]
    assert re.findall(r"(\S+)-src (\S+)(?:;|$)", policy) == [
        ("default", "'none'"),
        ("style", f"'sha256-{hashes[0]}'"),
        ("script", f"'sha256-{hashes[1]}'"),
    ]
    assert tree.xpath("//@style") == []
