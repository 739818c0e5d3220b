"""dateline doctor: what it finds wrong with the machine, between state and files, and what --repair makes of it."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from crawler.doctor import installation, places
from crawler.doctor.findings import Level
from crawler.doctor.network import Knock, judge_knocks
from crawler.extraction.rule import RuleError
from crawler.state import MIGRATIONS, State
from tests.conftest import PUBLISHED, Result, article_html, into_part, records_in
from tests.loaded import loaded
from tests.loopback import Reply, Served, serving
from tests.test_state import damage, run_and_kill
from tests.test_state_versions import older_state

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
TITLES = ("Bridge closed after the storm", "Ferry starts on Monday", "Market moves to the northern bank")


@pytest.fixture(scope="module")
def paper() -> Iterator[Served]:
    """A site of three articles, named by a feed."""
    items = "".join(f"<item><link>{{base}}/{number}.html</link></item>" for number in range(len(TITLES)))
    feed = f'<rss version="2.0"><channel><title>Paper</title>{items}</channel></rss>'
    pages = {f"/{number}.html": Reply(body=article_html(title, head=PUBLISHED)) for number, title in enumerate(TITLES)}
    with serving({"/feed.xml": Reply(body=feed, kind="application/rss+xml"), **pages}) as served:
        yield served


def crawl_of(paper: Served) -> tuple[str, ...]:
    return ("crawl", f"{paper.base}/feed.xml", *LOCAL, "--output", "out.jsonl")


@pytest.fixture(scope="module")
def crawled(paper: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the paper has been crawled."""
    folder = tmp_path_factory.mktemp("crawled")
    assert loaded().run("crawler.cli", *crawl_of(paper), cwd=folder, timeout_s=90).code == 0
    return folder


@pytest.fixture
def crawl(dateline: Dateline, paper: Served, crawled: Path, tmp_path: Path) -> Callable[[], Path]:
    """Crawls the paper; the file with its articles. What the first crawl leaves is copied here."""

    def run() -> Path:
        output = tmp_path / "out.jsonl"
        if (tmp_path / "data").exists():
            assert dateline(*crawl_of(paper)).code == 0
            return output
        shutil.copytree(crawled, tmp_path, dirs_exist_ok=True)
        with closing(sqlite3.connect(tmp_path / "data" / "state.sqlite")) as db, db:
            assert db.execute("UPDATE files SET path = ?", (str(output),)).rowcount == 1
        return output

    return run


def problems(result: Result) -> list[str]:
    """The checks that found one, in order."""
    return [line.split()[0] for line in result.out.splitlines() if line.split()[1] == "problem"]


def titles(path: Path) -> Counter[str]:
    return Counter(record["title"] for record in records_in(path))


ONCE = Counter(dict.fromkeys(TITLES, 1))


def test_a_healthy_folder_is_told_line_by_line(dateline: Dateline, crawl: Callable[[], Path]) -> None:
    crawl()
    result = dateline("doctor")
    checks = [line.split()[:2] for line in result.out.splitlines()]
    program = ("python", "packages", "extras", "rules")
    names = ("folder", "disk", "clock", "lock", "state", "pending", "files", "articles")
    assert (result.code, result.err) == (0, "")
    assert [name for name, _ in checks[: len(program)]] == list(program)
    assert {level for _, level in checks[: len(program)]} <= {"ok", "note"}
    assert checks[len(program) :] == [[name, "ok"] for name in names]
    assert "3 lines in 1 files, each known, each once, none missing" in result.out


def test_nothing_is_changed_by_looking(dateline: Dateline, tmp_path: Path) -> None:
    older_state(tmp_path / "data", 2)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "lock"}
    result = dateline("doctor")
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "lock"}
    assert {path.name for path in after} - {path.name for path in before} <= {"state.sqlite-wal", "state.sqlite-shm"}
    assert {path: after[path] for path in before} == before
    assert f"state     note    whole, of version 2 of {len(MIGRATIONS)}" in result.out
    assert "brings it up; then lines can be counted" in result.out
    assert problems(result) == []


@pytest.mark.parametrize("step", ["before the line", "within the line"])
def test_a_line_that_is_owed_is_appended(dateline: Dateline, tmp_path: Path, step: str) -> None:
    output = tmp_path / "data" / "articles" / "day.jsonl"
    run_and_kill(tmp_path / "data", output, step)
    looked = dateline("doctor")
    assert looked.code == 1
    assert "pending" in problems(looked)
    assert "1 lines that were owed to it are there" in dateline("doctor", "--repair").out
    assert [json.loads(line)["id"] for line in output.read_text().splitlines()] == ["1", "2"]
    assert "pending   ok" in dateline("doctor").out


def test_written_articles_come_back_into_a_lost_state(
    dateline: Dateline, crawl: Callable[[], Path], tmp_path: Path, paper: Served
) -> None:
    output = crawl()
    shutil.rmtree(tmp_path / "data")
    (tmp_path / "data" / "articles").mkdir(parents=True)
    output.rename(tmp_path / "data" / "articles" / "2025-04-26.jsonl")
    looked = dateline("doctor")
    assert (looked.code, problems(looked)) == (1, ["state"])
    mended = dateline("doctor", "--repair")
    assert mended.code == 0
    assert "3 versions that stand in files are known now" in mended.out
    asked = len(paper.asked)
    assert not crawl().read_bytes()
    assert not [path for path in paper.asked[asked:] if path.endswith(".html")]


def test_a_version_newer_than_the_state_says_is_taken_in(
    dateline: Dateline, crawl: Callable[[], Path], tmp_path: Path, paper: Served
) -> None:
    output = crawl()
    record = records_in(output)[0]
    record["_dateline"] |= {"version": 2, "content_hash": "0" * 32}
    with output.open("a") as file:
        file.write(json.dumps(record) + "\n")
    looked = dateline("doctor")
    assert (looked.code, problems(looked)) == (1, ["articles"])
    assert f"1 versions (of {record['id']}) stand in files and are not known to the state" in looked.out
    assert dateline("doctor", "--repair").code == 0
    state = State(tmp_path / "data")
    known = state.article(record["id"])
    state.close()
    assert known
    assert (known.version, known.content_hash) == (2, "0" * 32)


def test_a_missing_line_is_told_and_its_article_stays_known(dateline: Dateline, crawl: Callable[[], Path]) -> None:
    output = crawl()
    lines = output.read_bytes().splitlines(keepends=True)
    output.write_bytes(lines[0] + b" " * (len(lines[1]) - 1) + b"\n" + lines[2])
    lost = json.loads(lines[1])
    for arguments in (["doctor"], ["doctor", "--repair"]):
        result = dateline(*arguments)
        assert result.code == 1
        assert set(problems(result)) == {"articles"}
        assert f"1 articles (of {lost['id']}) were written and stand in no file" in result.out
    crawl()
    assert lost["title"] not in titles_of_whole_lines(output)


def test_a_missing_article_is_written_again_when_that_is_asked_for(
    dateline: Dateline, crawl: Callable[[], Path]
) -> None:
    output = crawl()
    lines = output.read_bytes().splitlines(keepends=True)
    output.write_bytes(lines[0] + lines[2])
    result = dateline("doctor", "--repair", "--refetch-missing")
    assert result.code == 0
    assert "1 articles that stand in no file are forgotten" in result.out
    assert "lines go on after what is there" in result.out
    crawl()
    assert titles(output) == ONCE
    assert dateline("doctor").code == 0


def titles_of_whole_lines(path: Path) -> list[str]:
    return [json.loads(line)["title"] for line in path.read_bytes().splitlines() if line.strip()]


@pytest.mark.parametrize("name", ["moved.jsonl", "moved.jsonl.gz"])
def test_articles_that_were_moved_away_are_no_fault(
    dateline: Dateline, crawl: Callable[[], Path], tmp_path: Path, name: str
) -> None:
    output = crawl()
    content = output.read_bytes()
    output.unlink()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    looked = dateline("doctor")
    assert looked.code == 0
    assert "files     note" in looked.out
    assert "articles  note    3 articles" in looked.out
    named = dateline("doctor", name)
    assert "articles  ok      3 lines in 1 files, each known, each once, none missing" in named.out


def test_articles_in_the_parts_of_a_cluster_are_found(
    dateline: Dateline, crawl: Callable[[], Path], tmp_path: Path
) -> None:
    into_part(crawl(), tmp_path / "data")
    looked = dateline("doctor")
    assert looked.code == 0
    assert "articles  ok      3 lines in 1 files, each known, each once, none missing" in looked.out
    state = tmp_path / "data" / "state.sqlite"
    state.unlink()
    assert "3 versions that stand in files are known now" in dateline("doctor", "--repair").out
    assert dateline("doctor").code == 0


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda part, _: part.unlink(), "No such file or directory"),
        (lambda part, _: part.write_bytes(part.read_bytes()[:-9]), "that its entry counts"),
        (lambda _, entry: entry.write_bytes(b'{"file": 7}\n'), "is no entry of a manifest"),
    ],
    ids=["gone", "short", "entry"],
)
def test_what_is_wrong_with_a_part_is_told_by_all_that_read_it(
    dateline: Dateline, crawl: Callable[[], Path], tmp_path: Path, harm: Callable[[Path, Path], object], said: str
) -> None:
    part = into_part(crawl(), tmp_path / "data")
    harm(part, next((tmp_path / "data" / "manifest").iterdir()))
    looked = dateline("doctor")
    assert looked.code == 1
    assert problems(looked)[0] == "parts"
    assert said in looked.out
    exported = dateline("export", "--to", "csv")
    assert exported.code != 0
    assert said in exported.err
    (tmp_path / "data" / "pages").mkdir()
    again = dateline("reextract")
    assert (again.code, said in again.err) == (0, True)


def test_a_line_that_stands_twice_is_told(dateline: Dateline, crawl: Callable[[], Path]) -> None:
    output = crawl()
    first = output.read_bytes().splitlines(keepends=True)[0]
    with output.open("ab") as file:
        file.write(first)
    looked = dateline("doctor")
    assert (looked.code, problems(looked)) == (1, ["articles"])
    assert f"1 versions (of {json.loads(first)['id']}) stand more than once" in looked.out
    assert dateline("doctor", "--repair").code == 1
    assert output.read_bytes().count(first) == 2


def test_a_torn_line_of_ours_is_moved_aside(dateline: Dateline, crawl: Callable[[], Path], tmp_path: Path) -> None:
    output = crawl()
    whole = output.read_bytes()
    torn = whole[:300]
    output.write_bytes(whole + torn)
    assert problems(dateline("doctor")) == ["files"]
    assert dateline("doctor", "--repair").code == 0
    assert output.read_bytes() == whole
    assert (tmp_path / "out.jsonl.torn").read_bytes() == torn + b"\n"


@pytest.mark.parametrize("theirs", [b'{"theirs": 1}\n', b'{"theirs": 1, "torn', b"\xff\xfe\n", b"[" * 5000 + b"\n"])
def test_lines_of_others_are_left_alone(dateline: Dateline, crawl: Callable[[], Path], theirs: bytes) -> None:
    output = crawl()
    content = output.read_bytes() + theirs
    output.write_bytes(content)
    result = dateline("doctor", "--repair")
    assert result.code == 0
    assert "1 lines in these files are no articles of ours" in result.out
    assert output.read_bytes() == content


def test_an_address_of_an_unknown_article_is_asked_for_again(
    dateline: Dateline, crawl: Callable[[], Path], tmp_path: Path
) -> None:
    output = crawl()
    lost = records_in(output)[0]
    with closing(sqlite3.connect(tmp_path / "data" / "state.sqlite")) as db, db:
        db.execute("DELETE FROM articles WHERE id = ?", (bytes.fromhex(lost["id"]),))
    output.write_bytes(b"".join(output.read_bytes().splitlines(keepends=True)[1:]))
    assert "addresses" in problems(dateline("doctor"))
    assert dateline("doctor", "--repair").code == 0
    crawl()
    assert titles(output) == ONCE


def test_a_damaged_state_is_told_and_not_touched(dateline: Dateline, tmp_path: Path) -> None:
    damage(tmp_path / "data")
    before = (tmp_path / "data" / "state.sqlite").read_bytes()
    looked = dateline("doctor")
    assert (looked.code, problems(looked)) == (1, ["state"])
    assert "move state.sqlite* out of the folder" in looked.out
    assert dateline("doctor", "--repair").code == 74
    assert (tmp_path / "data" / "state.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--data", "nowhere"], 74, "there is no state here"),
        (["--data", "newer"], 74, "written by a newer version of dateline; update dateline"),
        (["--data", "broken"], 74, "file is not a database"),
        (["--data", "used"], 75, "is using this folder"),
        (["--refetch-missing"], 2, "goes with --repair"),
        (["none.jsonl"], 2, "none.jsonl: there is no such file"),
    ],
)
def test_what_cannot_be_looked_at_is_one_line(
    dateline: Dateline, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    for name in ("newer", "broken"):
        State(tmp_path / name).close()
    with closing(sqlite3.connect(tmp_path / "newer" / "state.sqlite")) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    (tmp_path / "broken" / "state.sqlite").write_bytes(b"no database at all" * 99)
    held = State(tmp_path / "used")
    result = dateline("doctor", *arguments)
    held.close()
    assert (result.code, len(result.errors)) == (code, 1)
    assert said in result.err


def test_a_clock_that_was_set_back_is_told(dateline: Dateline, crawl: Callable[[], Path], tmp_path: Path) -> None:
    crawl()
    (tmp_path / "data" / "reports" / "29990101T000000Z-0000.json").write_text("{}")
    result = dateline("doctor")
    assert (result.code, problems(result)) == (1, ["clock"])
    assert "the newest run began at 2999-01-01 00:00" in result.out


def test_a_full_disk_and_a_closed_folder_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert places._disk(places.ENOUGH_BYTES, None).level is Level.OK
    assert places._disk(places.ENOUGH_BYTES - 1, None).level is Level.PROBLEM
    assert places._disk(places.ENOUGH_BYTES, places.ENOUGH_BYTES / 20).level is Level.NOTE
    monkeypatch.setattr(places.os, "access", lambda place, _: place != tmp_path / "articles")
    (tmp_path / "articles").mkdir()
    (closed,) = places._folder(tmp_path)
    assert closed.level is Level.PROBLEM
    assert closed.said == f"{tmp_path / 'articles'}: cannot be written"


# the machine and the program


def test_what_a_day_takes_is_told_by_what_the_last_month_took(tmp_path: Path) -> None:
    now = dt.datetime(2025, 4, 26, tzinfo=dt.UTC)
    assert places.bytes_a_day(tmp_path, now) is None
    for name, days, size in (
        ("articles/old.jsonl", 90, 10**6),
        ("articles/new.jsonl", 2, 3000),
        ("state.sqlite", 1, 1000),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * size)
        os.utime(path, ((now - dt.timedelta(days=days)).timestamp(),) * 2)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "20250116T000000Z-0000.json").write_bytes(b"")
    daily = places.bytes_a_day(tmp_path, now)
    assert daily == 3000 / 30 + 1000 / 100
    assert "which is enough for 100 days" in places._disk(11_000, daily).said


def test_a_file_of_the_future_is_told_of_the_clock(
    dateline: Dateline, crawl: Callable[[], Path], tmp_path: Path
) -> None:
    crawl()
    os.utime(tmp_path / "data" / "state.sqlite", (4070908800, 4070908800))
    result = dateline("doctor")
    assert (result.code, problems(result)) == (1, ["clock"])
    assert "the newest file was written at 2099-01-01 00:00" in result.out


def test_who_holds_the_folder_is_told(dateline: Dateline, tmp_path: Path) -> None:
    held = State(tmp_path / "data")
    result = dateline("doctor")
    held.close()
    assert result.code == 75
    (lock,) = [line for line in result.out.splitlines() if line.startswith("lock")]
    assert re.match(rf"lock      note    process {os.getpid()} \(.*python.* holds the folder since \d{{4}}-", lock)


def test_a_folder_that_anybody_may_write_to_is_told(
    dateline: Dateline, crawl: Callable[[], Path], tmp_path: Path
) -> None:
    crawl()
    (tmp_path / "data" / "reports").chmod(0o777)
    result = dateline("doctor")
    assert result.code == 0
    assert f"folder    note    {tmp_path / 'data' / 'reports'}: every user of the machine may write there" in result.out


def test_a_file_of_sources_that_no_run_can_use_is_told(
    dateline: Dateline, crawl: Callable[[], Path], tmp_path: Path
) -> None:
    crawl()
    (tmp_path / "sites.toml").write_text('[one]\nurl = "https://example.org/"\n')
    assert "sources   ok      1 in sites.toml" in dateline("doctor").out
    (tmp_path / "sites.toml").write_text('[one]\nurl = "https://example.org/"\nlangauge = "de"\n')
    result = dateline("doctor")
    assert (result.code, problems(result)) == (1, ["sources"])
    assert "did you mean language?" in result.out


@pytest.mark.parametrize(
    ("versions", "level", "said"),
    [
        ({"lxml": None}, Level.PROBLEM, "lxml is missing"),
        ({"lxml": "5.0"}, Level.PROBLEM, "lxml is 5.0, and >=6 is needed"),
        ({"lxml": "6.2"}, Level.NOTE, "of other versions than were tested: lxml 6.2 (6.1)"),
        ({"lxml": "6.1"}, Level.OK, "1 libraries, all in versions that are asked for, as they were tested together"),
    ],
)
def test_libraries_are_held_against_what_is_asked_for_and_what_was_tested(
    monkeypatch: pytest.MonkeyPatch, versions: dict[str, str | None], level: Level, said: str
) -> None:
    monkeypatch.setattr(installation, "_version", versions.get)
    found = installation._packages([Requirement("lxml>=6")], {"lxml": "6.1"})
    assert (found.level, found.said) == (level, said)


def test_rules_that_cannot_be_read_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise RuleError("en.toml: [ask] any: broken")

    monkeypatch.setattr(installation, "packaged_rules", broken)
    found = installation._rules()
    assert (found.level, found.said) == (Level.PROBLEM, "en.toml: [ask] any: broken")


# the network


def test_sources_are_asked_for_their_robots_txt_alone_and_once(dateline: Dateline, tmp_path: Path) -> None:
    State(tmp_path / "data").close()
    with serving({"/robots.txt": Reply(status=404)}) as site:
        (tmp_path / "sites.toml").write_text(
            f'[one]\nurl = "{site.base}/world"\n[two]\nurl = "{site.base}/"\n[three]\nurl = "http://127.0.0.1:4/"\n'
        )
        refused = dateline("doctor", "--network")
        assert site.asked == []
        allowed = dateline("doctor", "--network", "--allow", "127.0.0.0/8")
        assert site.asked == ["/robots.txt"]
    assert problems(refused) == ["network", "network", "network"]
    assert "is not a public address (use --allow to permit it)" in refused.out
    assert problems(allowed) == ["network"]
    assert "three: http://127.0.0.1:4/robots.txt: connection refused" in allowed.out
    assert "clock     ok      within 5 min of the clocks of 1 servers" in allowed.out


def test_a_clock_that_servers_do_not_share_is_told(dateline: Dateline, tmp_path: Path) -> None:
    State(tmp_path / "data").close()
    late = Reply(body="User-agent: *", headers={"Date": "Sat, 26 Apr 2025 09:05:00 GMT"})
    with serving({"/robots.txt": late}) as one, serving({"/robots.txt": late}, host="127.0.0.2") as two:
        text = f'[one]\nurl = "{one.base}/"\n[two]\nurl = "{two.base}/"\n'
        (tmp_path / "sites.toml").write_text(text)
        result = dateline("doctor", "--network", "--allow", "127.0.0.0/8")
    assert (result.code, problems(result)) == (1, ["clock"])
    assert "network   ok      2 sources asked for robots.txt answered" in result.out
    assert "ahead of the clocks of 2 servers" in result.out


def test_sources_that_no_run_was_given_are_asked_for(dateline: Dateline, tmp_path: Path) -> None:
    State(tmp_path / "data").close()
    assert "network   note    no source is known to be asked" in dateline("doctor", "--network").out


def test_when_nobody_answers_our_own_line_is_doubted() -> None:
    silent = [Knock(name=name, url=f"https://{name}.org/robots.txt", why="host not found") for name in "ab"]
    *each, last = judge_knocks(silent, 3)
    assert [finding.level for finding in each] == [Level.PROBLEM] * 2
    assert all("does this machine resolve names?" in finding.advice for finding in each)
    assert "this machine's own line" in last.advice
    answered = Knock(name="c", url="https://c.org/robots.txt", status=200, ahead=dt.timedelta(hours=3))
    network, clock = judge_knocks([answered], 3)
    assert network.said == "1 source asked for robots.txt answered; 3 more were not asked"
    assert (clock.level, clock.said) == (Level.NOTE, "it is 3:00:00 behind the clocks of 1 servers")
