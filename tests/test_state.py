"""The state: nothing lost and nothing twice, whatever is killed when; what counts as seen."""

from __future__ import annotations

import datetime as dt
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.delivery import append_lines, missing_lines, repair
from crawler.identity import address_digest
from crawler.items import OUTCOME_NUMBERS, Outcome, Reason
from crawler.policy import Policy
from crawler.state import DiskError, LockedError, State, Url
from crawler.verdict import Ended, Known

NOW = "2025-04-26T07:00:00Z"


def save(state: State, number: int, path: Path) -> None:
    url = f"https://example.org/{number}"
    article = Known(id=str(number), version=1, content_hash="h", address=address_digest(url), first_seen=NOW)
    ended = Ended(url=url, outcome=Outcome.SAVED, at=NOW, article=article.id)
    state.save(article, ended, line_of(number), path)


def line_of(number: int) -> bytes:
    return b'{"id": "%d", "text": "%s"}\n' % (number, b"x" * 500)


def end(state: State, outcome: Outcome, **more: object) -> None:
    state.end(Ended(url="https://example.org/a", outcome=outcome, at=NOW, **more))  # type: ignore[arg-type]


# A run that saves articles 1 to 3 and is killed for good at a step of the second one.
KILLED_RUN = """
import os, signal, sys
from pathlib import Path
import crawler.delivery, crawler.state.files, crawler.state.lines
from crawler.state import State, Url
from crawler.state.postgres import Postgres
from crawler.state.sqlite import SQLite
from tests.test_state import save

def die(*_): os.kill(os.getpid(), signal.SIGKILL)
def write_half(fd, content):
    os.write(fd, content[: len(content) // 2]); die()

folder, output, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
url = Url(sys.argv[4]) if sys.argv[4] else None
state = State(folder, url=url)
save(state, 1, output)
if step == "before the commit": SQLite.flush = Postgres._commit = die
if step == "before the line": crawler.state.files.append_lines = die
if step == "within the line": crawler.delivery._write_all = write_half
if step == "before the settling": crawler.state.lines.Lines._settle = die
if step == "after": SQLite.close = Postgres.close = die
save(state, 2, output)
state.close()
"""


def run_and_kill(folder: Path, output: Path, step: str, url: Url | None = None) -> None:
    arguments = [str(folder), str(output), step, url.secret if url else ""]
    done = subprocess.run([sys.executable, "-c", KILLED_RUN, *arguments], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("url", "in_folder"), [("SQLite", True), ("SQLite", False), ("PostgreSQL", True)], indirect=["url"]
)
@pytest.mark.parametrize(
    "step", ["before the commit", "before the line", "within the line", "before the settling", "after"]
)
def test_each_line_stands_once_when_the_run_is_killed(
    tmp_path: Path, url: Url | None, step: str, in_folder: bool
) -> None:
    output = tmp_path / "data" / "articles" / "day.jsonl" if in_folder else tmp_path / "out.jsonl"
    run_and_kill(tmp_path / "data", output, step, url)
    with_state = State(tmp_path / "data", url=url)
    for number in (1, 2, 3):
        if not with_state.is_seen(f"https://example.org/{number}"):
            save(with_state, number, output)
    with_state.close()
    assert output.read_bytes() == line_of(1) + line_of(2) + line_of(3)


def test_each_line_stands_once_when_two_runs_are_killed_in_a_row(tmp_path: Path, url: Url | None) -> None:
    output = tmp_path / "out.jsonl"
    run_and_kill(tmp_path / "data", output, "within the line", url)
    killed_in_repair = (
        "import os, signal, sys, crawler.delivery as d\n"
        "from pathlib import Path\nfrom crawler.state import State, Url\n"
        "def half(fd, content): os.write(fd, content[:9]); os.kill(os.getpid(), signal.SIGKILL)\n"
        "d._write_all = half\nState(Path(sys.argv[1]), url=Url(sys.argv[2]) if sys.argv[2] else None)"
    )
    arguments = [str(tmp_path / "data"), url.secret if url else ""]
    done = subprocess.run([sys.executable, "-c", killed_in_repair, *arguments], check=False)
    assert done.returncode == -signal.SIGKILL
    State(tmp_path / "data", url=url).close()
    assert output.read_bytes() == line_of(1) + line_of(2)


def test_foreign_lines_stay_when_they_follow_our_own(tmp_path: Path, url: Url | None) -> None:
    output = tmp_path / "out.jsonl"
    run_and_kill(tmp_path / "data", output, "before the line", url)
    with output.open("ab") as file:
        file.write(b'{"theirs": 1}\n{"theirs": 2, "torn')
    State(tmp_path / "data", url=url).close()
    assert output.read_bytes() == line_of(1) + b'{"theirs": 1}\n{"theirs": 2, "torn\n' + line_of(2)


def test_a_line_is_found_behind_foreign_ones_when_it_was_written(tmp_path: Path, url: Url | None) -> None:
    output = tmp_path / "out.jsonl"
    run_and_kill(tmp_path / "data", output, "before the settling", url)
    output.write_bytes(line_of(1) + b"theirs\n" + line_of(2))
    State(tmp_path / "data", url=url).close()
    assert output.read_bytes() == line_of(1) + b"theirs\n" + line_of(2)


def test_delivered_lines_stay_away_when_their_file_was_moved(
    tmp_path: Path, url: Url | None, caplog: pytest.LogCaptureFixture
) -> None:
    output = tmp_path / "out.jsonl"
    state = State(tmp_path / "data", url=url)
    save(state, 1, output)
    state.close()
    output.rename(tmp_path / "moved.jsonl")
    state = State(tmp_path / "data", url=url)
    save(state, 2, output)
    state.close()
    assert output.read_bytes() == line_of(2)
    assert "is shorter than what was written" in caplog.text


def test_the_folder_can_be_moved_between_a_kill_and_the_repair(tmp_path: Path, url: Url | None) -> None:
    run_and_kill(tmp_path / "data", tmp_path / "data" / "articles" / "day.jsonl", "within the line", url)
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    State(tmp_path / "elsewhere", url=url).close()
    assert (tmp_path / "elsewhere" / "articles" / "day.jsonl").read_bytes() == line_of(1) + line_of(2)


def test_no_torn_line_stays_when_the_disk_is_full(tmp_path: Path, url: Url | None) -> None:
    output = tmp_path / "out.jsonl"
    state = State(tmp_path / "data", url=url)
    save(state, 1, output)
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit = len(line_of(1)) + 100
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crawler.state.files.append_lines", append_under(limit, unlimited))
        with pytest.raises(DiskError, match=r"out\.jsonl"):
            save(state, 2, output)
    assert output.read_bytes() == line_of(1)
    with pytest.raises(DiskError):
        save(state, 3, output)
    state.close()
    State(tmp_path / "data", url=url).close()
    assert output.read_bytes() == line_of(1) + line_of(2)


def append_under(limit: int, unlimited: tuple[int, int]):  # type: ignore[no-untyped-def]
    """The real append while no file may grow over a limit: what a full disk is to a program."""

    def append(path: Path, lines: list[bytes]) -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            return append_lines(path, lines)
        finally:
            signal.signal(signal.SIGXFSZ, before)
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)

    return append


LINES = st.lists(st.text(alphabet="ab", max_size=4).map(lambda text: text.encode() + b"\n"), min_size=1, max_size=5)


@given(LINES, st.data())
def test_repair_completes_what_was_cut_anywhere(lines: list[bytes], data: st.DataObject) -> None:
    unique = [b"%d%s" % (number, line) for number, line in enumerate(lines)]
    whole = b"".join(unique)
    tail = whole[: data.draw(st.integers(0, len(whole)))]
    missing, torn = missing_lines(tail.splitlines(keepends=True), unique)
    assert tail[: len(tail) - torn] + b"".join(missing) == whole


def test_repair_takes_trailing_nul_bytes_for_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"one\ntw" + bytes(40))
    assert repair(path, 4, [b"two\n"]) == (8, 1)
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_second_opening_is_refused_while_the_first_holds(tmp_path: Path, url: Url | None) -> None:
    state = State(tmp_path, url=url)
    with pytest.raises(LockedError, match="is using this folder"):
        State(tmp_path, url=url)
    state.close()
    State(tmp_path, url=url).close()


def test_opening_fails_with_the_place_when_the_folder_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match=r"file/data: Not a directory"):
        State(tmp_path / "file" / "data")


def test_opening_fails_when_the_state_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_text("these are not the bytes of a database" * 99)
    with pytest.raises(DiskError, match=r"state\.sqlite: file is not a database"):
        State(tmp_path)


@pytest.mark.parametrize(
    ("outcome", "more", "seen_after"),
    [
        (Outcome.SAVED, {}, 1),
        (Outcome.DUPLICATE, {}, 1),
        (Outcome.NOT_AN_ARTICLE, {"reason": Reason.INDEX}, 1),
        (Outcome.NOT_AN_ARTICLE, {"reason": Reason.NO_BODY}, 3),
        (Outcome.NOT_AN_ARTICLE, {"reason": Reason.EMPTY}, 3),
        (Outcome.TOO_BIG, {}, 1),
        (Outcome.SOFT_404, {}, 3),
        (Outcome.HTTP_STATUS, {"status": 404}, 3),
        (Outcome.HTTP_STATUS, {"status": 410}, 1),
        (Outcome.HTTP_STATUS, {"status": 403}, 3),
        (Outcome.HTTP_STATUS, {"status": 503}, None),
        (Outcome.HTTP_STATUS, {"status": 429}, None),
        (Outcome.HTTP_STATUS, {"detail": "too many redirects"}, None),
        (Outcome.EXTRACTION_FAILED, {}, 2),
        (Outcome.BLOCKED, {}, 3),
        (Outcome.TIMEOUT, {}, None),
        (Outcome.UNREACHABLE, {}, None),
        (Outcome.DEFERRED, {}, None),
        (Outcome.ROBOTS, {}, None),
        (Outcome.REFUSED_ADDRESS, {}, None),
    ],
)
def test_an_address_is_seen_after_so_many_ends(
    tmp_path: Path, url: Url | None, outcome: Outcome, more: dict[str, object], seen_after: int | None
) -> None:
    state = State(tmp_path, url=url)
    seen = []
    for _ in range(4):
        end(state, outcome, **more)
        seen.append(state.is_seen("http://www.example.org/a?utm_source=x"))
    state.close()
    assert seen == [seen_after is not None and tries >= seen_after for tries in (1, 2, 3, 4)]


def test_a_passing_trouble_is_no_try(tmp_path: Path, url: Url | None) -> None:
    state = State(tmp_path, url=url)
    for _ in range(5):
        end(state, Outcome.TIMEOUT)
    end(state, Outcome.HTTP_STATUS, status=404)
    assert not state.is_seen("https://example.org/a")
    state.close()


def test_a_page_too_old_is_asked_for_again_when_an_earlier_day_is_wanted(tmp_path: Path, url: Url | None) -> None:
    state = State(tmp_path, Policy(since=dt.date(2025, 4, 1)), url=url)
    end(state, Outcome.NOT_AN_ARTICLE, reason=Reason.TOO_OLD, day=dt.date(2025, 3, 1))
    assert state.is_seen("https://example.org/a")
    state.close()
    state = State(tmp_path, Policy(since=dt.date(2025, 2, 1)), url=url)
    assert not state.is_seen("https://example.org/a")
    state.close()


def test_an_undated_page_is_asked_for_again_when_undated_ones_are_wanted(tmp_path: Path, url: Url | None) -> None:
    state = State(tmp_path, Policy(undated="refuse"), url=url)
    end(state, Outcome.UNDATED, reason=Reason.UNDATED)
    assert state.is_seen("https://example.org/a")
    state.close()
    state = State(tmp_path, Policy(undated="flag"), url=url)
    assert not state.is_seen("https://example.org/a")
    state.close()


def test_an_address_that_is_not_text_is_kept_too(tmp_path: Path, url: Url | None) -> None:
    state = State(tmp_path, url=url)
    state.end(Ended(url="no address \ud800", outcome=Outcome.NOT_AN_ARTICLE, at=NOW))
    assert state.is_seen("no address \ud800")
    state.close()


def test_a_detail_that_is_not_text_is_kept_too(tmp_path: Path, url: Url | None) -> None:
    state = State(tmp_path, url=url)
    end(state, Outcome.NOT_AN_ARTICLE, detail="“\udcff”")
    assert state.is_seen("https://example.org/a")
    state.close()


def test_an_article_that_cannot_be_written_is_not_seen(tmp_path: Path, url: Url | None) -> None:
    state = State(tmp_path / "data", url=url)
    end(state, Outcome.NOT_AN_ARTICLE)
    article = Known(id="\ud800", version=1, content_hash="h", address=b"1", first_seen=NOW)
    ended = Ended(url="https://example.org/1", outcome=Outcome.SAVED, at=NOW)
    with pytest.raises(UnicodeEncodeError):
        state.save(article, ended, line_of(1), tmp_path / "out.jsonl")
    save(state, 2, tmp_path / "out.jsonl")
    state.close()
    state = State(tmp_path / "data", url=url)
    seen = [state.is_seen(f"https://example.org/{name}") for name in ("a", "1", "2")]
    state.close()
    assert seen == [True, False, True]
    assert (tmp_path / "out.jsonl").read_bytes() == line_of(2)


@pytest.mark.parametrize(
    "ask", [lambda state: state.is_seen("https://example.org/a"), lambda state: state.article("1")]
)
def test_a_damaged_state_is_a_disk_error_when_it_is_asked(tmp_path: Path, ask: Callable[[State], object]) -> None:
    damage(tmp_path)
    state = State(tmp_path)
    with pytest.raises(DiskError, match=r"state\.sqlite: database disk image is malformed"):
        ask(state)
    state.close()


def damage(folder: Path) -> None:
    """Make a state whose tables of addresses and articles, a page each, are overwritten."""
    State(folder).close()
    with closing(sqlite3.connect(folder / "state.sqlite")) as db:
        tables = "SELECT rootpage FROM sqlite_master WHERE name IN ('addresses', 'articles')"
        pages = [page for (page,) in db.execute(tables)]
    with (folder / "state.sqlite").open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * 4096)
            file.write(b"\xff" * 4096)


def test_lines_of_an_earlier_run_are_counted_when_they_are_written(tmp_path: Path, url: Url | None) -> None:
    output = tmp_path / "out.jsonl"
    run_and_kill(tmp_path / "data", output, "before the line", url)
    state = State(tmp_path / "data", url=url)
    state.close()
    again = State(tmp_path / "data", url=url)
    again.close()
    assert (state.recovered, again.recovered) == ({output: 1}, {})


def test_outcomes_are_on_the_disk_after_a_flush(tmp_path: Path) -> None:
    state = State(tmp_path)
    end(state, Outcome.NOT_AN_ARTICLE)
    state.flush()
    db = sqlite3.connect(tmp_path / "state.sqlite")
    assert db.execute("SELECT outcome FROM addresses").fetchall() == [(OUTCOME_NUMBERS[Outcome.NOT_AN_ARTICLE],)]
    db.close()
    state.close()
