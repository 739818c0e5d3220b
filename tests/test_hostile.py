"""One crawl of the hostile web: each address ends as it has to, every good article arrives, nothing else is touched."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.hostile.case import Case
from tests.hostile.cases import CASES
from tests.hostile.crawl import Crawled, crawl, expected

MOST_BYTES = 500_000_000  # of all processes of the crawl


def every_good_article_arrives_whole_and_once(crawled: Crawled, case: Case) -> None:
    assert crawled.articles(case) == expected(case)


def every_address_ends_as_it_has_to(crawled: Crawled, case: Case) -> None:
    assert crawled.ends(case) == case.outcomes


def a_page_that_holds_an_article_gives_it_whole(crawled: Crawled, case: Case) -> None:
    outlet = crawled.of(case)
    found = {record["url"]: record for record in crawled.records}
    for path, wanted in case.holds.items():
        record = found[outlet.address(path)]
        assert (record["title"], record["date_published"][:10]) == (case.title.get(path, wanted.title), wanted.day)
        assert wanted.text in record["content_text"]


def no_outlet_is_asked_more_than_it_has_to_be(crawled: Crawled, case: Case) -> None:
    asked = crawled.of(case).asked
    assert len(asked) <= case.most_requests, Counter(asked).most_common(5)


def what_is_wrong_is_said(crawled: Crawled, case: Case) -> None:
    assert (crawled.failed(case) is not None) == case.is_failing
    assert case.says in crawled.said(case)


def a_record_says_what_it_has_to(crawled: Crawled, case: Case) -> None:
    outlet = crawled.of(case)
    records = {record["url"]: record for record in crawled.records}
    for path, told in case.records.items():
        record = records[outlet.address(path)]
        assert {key: record[key] for key in told} == {
            key: value and outlet.filled(value) for key, value in told.items()
        }


def no_secret_is_sent_or_kept(crawled: Crawled) -> None:
    kept = f"{crawled.out}{crawled.err}{crawled.log}{crawled.report}{crawled.records}{crawled.state!r}"
    sent = "".join("".join((*outlet.asked, *outlet.headers)) for outlet in crawled.web.outlets.values())
    assert [case.secret for case in CASES if case.secret and case.secret in kept + sent] == []
    assert "authorization" not in sent.lower()


def nothing_is_written_that_is_no_article(crawled: Crawled) -> None:
    expected = {
        outlet.address(path)
        for outlet in crawled.web.outlets.values()
        for path in (
            *(outlet.case.article(number) for number in range(1, outlet.case.good + 1)),
            *(path for path, end in outlet.case.outcomes.items() if end == "saved"),
        )
    }
    assert Counter(record["url"] for record in crawled.records) == Counter(expected)


def nothing_that_is_said_or_written_speaks_to_a_terminal_or_breaks_a_line(crawled: Crawled) -> None:
    raw = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]")
    said = {"out": crawled.out, "err": crawled.err, "log": crawled.log, "report": crawled.report_text}
    assert {name: found[0] for name, text in (said | crawled.files).items() if (found := raw.search(text))} == {}
    assert len("".join(crawled.files.values()).splitlines()) == len(crawled.records)


def a_stranger_s_fault_is_told_in_one_line(crawled: Crawled) -> None:
    assert "Traceback" not in crawled.err + crawled.log
    assert [line for line in crawled.err.splitlines() if not line.startswith("dateline: ")] == []


def no_private_address_is_touched(crawled: Crawled) -> None:
    assert crawled.web.touched == []


def the_run_ends_well_and_within_its_memory(crawled: Crawled) -> None:
    assert crawled.code == (1 if any(case.is_failing for case in CASES) else 0), crawled.err
    assert crawled.report["finish_reason"] == "finished"
    assert crawled.most_bytes < MOST_BYTES


OF_A_CASE = (
    every_good_article_arrives_whole_and_once,
    every_address_ends_as_it_has_to,
    a_page_that_holds_an_article_gives_it_whole,
    no_outlet_is_asked_more_than_it_has_to_be,
    what_is_wrong_is_said,
    a_record_says_what_it_has_to,
)
OF_THE_CRAWL = (
    no_secret_is_sent_or_kept,
    nothing_is_written_that_is_no_article,
    nothing_that_is_said_or_written_speaks_to_a_terminal_or_breaks_a_line,
    a_stranger_s_fault_is_told_in_one_line,
    no_private_address_is_touched,
    the_run_ends_well_and_within_its_memory,
)


def test_the_hostile_web_is_read_as_each_of_its_cases_says(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, CASES, "--timeout", "15s")  # one test, so that it is crawled once
    wrong = [
        f"{case.name}: {check.__name__}: {error}"
        for check in OF_A_CASE
        for case in CASES
        if (error := failure(check, crawled, case))
    ]
    wrong += [f"{check.__name__}: {error}" for check in OF_THE_CRAWL if (error := failure(check, crawled))]
    assert not wrong, "\n".join(wrong)


def failure(check: Callable[..., None], *arguments: object) -> str:
    """What a check finds wrong; empty where it holds."""
    try:
        check(*arguments)
    except (AssertionError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    return ""
