"""A crawl of the hostile web, or of a part of it, and what it left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.footprint import held_bytes
from tests.conftest import records_in
from tests.hostile.articles import article
from tests.hostile.case import Case
from tests.hostile.outlets import NETWORK, Outlet, Web, serving

MOST_S = 240
OPTIONS = ("--sources", "sites.toml", "--allow", NETWORK, "--delay", "0", "--log", "crawl.log")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """A crawl that has ended."""

    web: Web
    code: int
    out: str
    err: str
    log: str
    report: dict[str, Any]
    report_text: str
    files: dict[str, str]  # of records, by name
    state: bytes
    records: list[dict[str, Any]]
    most_bytes: int  # that its processes held

    def of(self, case: Case) -> Outlet:
        return self.web.outlets[case.name]

    def ends(self, case: Case) -> dict[str, str | None]:
        """How the addresses of a case have ended."""
        ended = {entry["url"]: entry["outcome"] for entry in self.report["not_saved"]}
        ended |= {record["url"]: "saved" for record in self.records}
        return {path: ended.get(self.of(case).address(path)) for path in case.outcomes}

    def articles(self, case: Case) -> list[list[tuple[str, str, str]]]:
        """Title, text and day of each record of each good article of a case."""
        urls = [self.of(case).address(case.article(number)) for number in range(1, case.good + 1)]
        found = [[record for record in self.records if record["url"] == url] for url in urls]
        return [[(r["title"], r["content_text"], r["date_published"][:10]) for r in records] for records in found]

    def said(self, case: Case) -> str:
        """What the run says of a case: why its addresses were not saved, and lines of the log."""
        outlet = self.of(case)
        own = {outlet.address(path) for path in case.outcomes}
        ended = (
            entry
            for entry in self.report["not_saved"]
            if outlet.base.removeprefix("http") in entry["url"] or entry["url"] in own
        )
        listed = (entry["why"] for entry in ended)
        lines = (line for line in self.log.splitlines() if case.name in line or outlet.base in line)
        return "\n".join((*listed, *lines, self.failed(case) or ""))

    def failed(self, case: Case) -> str | None:
        """Why the case's source gave nothing; None where it gave something."""
        why: str | None = self.report["sources"][self.of(case).address(case.start)]["failed"]
        return why


def expected(case: Case) -> list[list[tuple[str, str, str]]]:
    """What `Crawled.articles` has to be."""
    articles = [article(case.article(number).removeprefix("/news/")) for number in range(1, case.good + 1)]
    return [[(good.title, good.text, good.day)] for good in articles]


def crawl(folder: Path, cases: Sequence[Case], *options: str) -> Crawled:
    """Crawl these cases in one run with the command."""
    with serving(cases) as web:
        outlets = [web.outlets[case.name] for case in cases]
        (folder / "sites.toml").write_text("".join(map(_table, outlets)))
        names = {name: address for case in cases for name, address in case.names.items()}
        (folder / "names.json").write_text(json.dumps(names))
        code, most_bytes = _run(folder, *options)
        (report,) = folder.glob("data/reports/*.json")
        return Crawled(
            web=web,
            code=code,
            out=(folder / "out").read_text("utf-8"),
            err=(folder / "err").read_text("utf-8"),
            log=(folder / "crawl.log").read_text("utf-8"),
            report=json.loads(report.read_text("utf-8")),
            report_text=report.read_text("utf-8"),
            files={path.name: path.read_text("utf-8") for path in folder.glob("data/articles/*")},
            state=b"".join(path.read_bytes() for path in folder.glob("data/state.sqlite*")),
            records=[record for path in folder.glob("data/articles/*.jsonl") for record in records_in(path)],
            most_bytes=most_bytes,
        )


def _run(folder: Path, *options: str) -> tuple[int, int]:
    """The command's exit code, and the most bytes that its processes held."""
    command = [sys.executable, "-m", "tests.hostile.names", "names.json", "crawl", *OPTIONS, *options]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}  # it runs in another folder
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=err)
    end, most = time.monotonic() + MOST_S, 0
    while process.poll() is None:
        most = max(most, held_bytes(process.pid))
        if time.monotonic() > end:
            process.kill()
            process.wait()
            pytest.fail(f"the crawl did not end within {MOST_S} s")
        time.sleep(0.1)
    return process.returncode, most


def _table(outlet: Outlet) -> str:
    """The outlet's table in the sources file."""
    hosts = ", ".join(f'"{host}"' for host in outlet.case.hosts)
    return f'["{outlet.case.name}"]\nurl = "{outlet.address(outlet.case.start)}"\nhosts = [{hosts}]\n'
