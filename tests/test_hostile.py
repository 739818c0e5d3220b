"""One crawl of the hostile web: each address ends as it has to, every good article arrives, nothing else is touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.footprint import held_bytes
from tests.conftest import records_in
from tests.hostile import CASES
from tests.hostile.articles import article
from tests.hostile.case import Case
from tests.hostile.outlets import NETWORK, Outlet, Web, serving

MOST_S = 240
MOST_BYTES = 500_000_000  # of all processes of the crawl
OPTIONS = ("--sources", "sites.toml", "--allow", NETWORK, "--delay", "0", "--timeout", "8s", "--log", "crawl.log")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """The crawl, and what it left."""

    web: Web
    code: int
    out: str
    err: str
    log: str
    report: dict[str, Any]
    state: bytes
    records: list[dict[str, Any]]
    most_bytes: int

    def of(self, case: Case) -> Outlet:
        return self.web.outlets[case.name]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """All cases crawled in one run."""
    folder = tmp_path_factory.mktemp("hostile")
    with serving(CASES) as web:
        (folder / "sites.toml").write_text("".join(_table(web.outlets[case.name]) for case in CASES))
        (folder / "names.json").write_text(json.dumps({name: at for case in CASES for name, at in case.names.items()}))
        command = [sys.executable, "-m", "tests.hostile.names", "names.json", "crawl", *OPTIONS]
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            process = subprocess.Popen(command, cwd=folder, env=_environment(), stdout=out, stderr=err)
        end, most = time.monotonic() + MOST_S, 0
        while process.poll() is None:
            most = max(most, held_bytes(process.pid))
            if time.monotonic() > end:
                process.kill()
                process.wait()
                pytest.fail(f"the crawl did not end within {MOST_S} s")
            time.sleep(0.1)
        (report,) = folder.glob("data/reports/*.json")
        yield Crawled(
            web=web,
            code=process.returncode,
            out=(folder / "out").read_text("utf-8"),
            err=(folder / "err").read_text("utf-8"),
            log=(folder / "crawl.log").read_text("utf-8"),
            report=json.loads(report.read_text("utf-8")),
            state=b"".join(path.read_bytes() for path in folder.glob("data/state.sqlite*")),
            records=[record for path in folder.glob("data/articles/*.jsonl") for record in records_in(path)],
            most_bytes=most,
        )


def _table(outlet: Outlet) -> str:
    """The outlet's table in the sources file."""
    hosts = ", ".join(f'"{host}"' for host in outlet.case.hosts)
    return f'["{outlet.case.name}"]\nurl = "{outlet.address(outlet.case.start)}"\nhosts = [{hosts}]\n'


def _environment() -> dict[str, str]:
    """So that a command that runs in another folder finds the tests."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def test_every_good_article_arrives_whole_and_once(crawled: Crawled, case: Case) -> None:
    outlet = crawled.of(case)
    for number in range(1, case.good + 1):
        path = case.article(number)
        expected = article(path.removeprefix("/news/"))
        found = [record for record in crawled.records if record["url"] == outlet.address(path)]
        assert [(r["title"], r["content_text"], r["date_published"][:10]) for r in found] == [
            (expected.title, expected.text, expected.day)
        ]


def test_every_address_ends_as_it_has_to(crawled: Crawled, case: Case) -> None:
    outlet = crawled.of(case)
    ended = {entry["url"]: entry["outcome"] for entry in crawled.report["not_saved"]}
    ended |= {record["url"]: "saved" for record in crawled.records}
    assert {path: ended.get(outlet.address(path)) for path in case.ends} == dict(case.ends)


def test_no_outlet_is_asked_more_than_it_has_to_be(crawled: Crawled, case: Case) -> None:
    asked = crawled.of(case).asked
    assert len(asked) <= case.most_requests, Counter(asked).most_common(5)


def test_what_is_wrong_is_said(crawled: Crawled, case: Case) -> None:
    outlet = crawled.of(case)
    source = crawled.report["sources"][outlet.address(case.start)]
    assert (source["failed"] is not None) == case.is_failing
    listed = (entry["why"] for entry in crawled.report["not_saved"] if entry["url"].startswith(outlet.base))
    lines = (line for line in crawled.log.splitlines() if case.name in line or outlet.base in line)
    assert case.says in "\n".join((*listed, *lines, source["failed"] or ""))


def test_a_record_says_what_it_has_to(crawled: Crawled, case: Case) -> None:
    outlet = crawled.of(case)
    records = {record["url"]: record for record in crawled.records}
    for path, told in case.records.items():
        record = records[outlet.address(path)]
        assert {key: record[key] for key in told} == dict(told)


def test_no_secret_is_sent_or_kept(crawled: Crawled) -> None:
    kept = f"{crawled.out}{crawled.err}{crawled.log}{crawled.report}{crawled.records}{crawled.state!r}"
    sent = "".join("".join((*outlet.asked, *outlet.headers)) for outlet in crawled.web.outlets.values())
    assert [case.secret for case in CASES if case.secret and case.secret in kept + sent] == []
    assert "authorization" not in sent.lower()


def test_nothing_is_written_that_is_no_article(crawled: Crawled) -> None:
    expected = {
        outlet.address(path)
        for outlet in crawled.web.outlets.values()
        for path in (
            *(outlet.case.article(number) for number in range(1, outlet.case.good + 1)),
            *(path for path, end in outlet.case.ends.items() if end == "saved"),
        )
    }
    assert Counter(record["url"] for record in crawled.records) == Counter(expected)


def test_no_private_address_is_touched(crawled: Crawled) -> None:
    assert crawled.web.touched == []


def test_the_run_ends_well_and_within_its_memory(crawled: Crawled) -> None:
    assert crawled.code == (1 if any(case.is_failing for case in CASES) else 0), crawled.err
    assert crawled.report["finish_reason"] == "finished"
    assert crawled.most_bytes < MOST_BYTES
