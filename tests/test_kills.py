"""The kill harness in its short form: a few dozen articles, each kind of blow once; see benchmarks/kills.py."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path

from benchmarks.killing.audit import audit
from benchmarks.killing.blows import SHARES, Fault, blows, one_of_each
from benchmarks.killing.press import FIRST_OUT, OF_AN_OUTLET, serving, stories

FOUND = ("lost", "twice", "versions", "torn", "strange", "state")


def test_nothing_is_lost_twice_or_torn_when_runs_are_killed() -> None:
    command = [sys.executable, "-m", "benchmarks.kills", "--kills", "8", "--articles", "40", "--json"]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["articles"], told["wrong"]) == (40, [])
    assert told["kills"] >= 8
    kinds = set(Fault) if told["disk"] == "tmpfs" else set(Fault) - {Fault.READ_ONLY}
    assert {kind for kind in kinds if told["runs"][kind] == 0} == set()
    assert {name: told[name] for name in FOUND} == dict.fromkeys(FOUND, 0)


def test_an_audit_finds_what_is_lost_twice_torn_or_not_in_the_state(tmp_path: Path) -> None:
    with serving(stories(10, seed=3)) as press:
        press.publish(10)
        first, second, *others = press.out
        lines = [
            {"id": str(number), "url": press.url_of(story), "title": story.title, "_dateline": {"version": 1}}
            for number, story in enumerate((first, second, second, first))
        ]
        lines[2]["id"], lines[3]["title"] = lines[1]["id"], "Another title"
        (tmp_path / "articles").mkdir()
        whole = "".join(json.dumps(line) + "\n" for line in lines)
        (tmp_path / "articles" / "2025-01-01.jsonl").write_text(whole + '{"id": ')
        found = audit(tmp_path, press)
        assert set(found.lost) == {press.url_of(story) for story in others}
        assert (found.twice, found.versions, len(found.torn)) == ((str(lines[1]["id"]),), (), 1)
        assert found.strange == (press.url_of(first),)
        assert len(found.state) == 10 + 3
        assert not found.is_clean


def test_the_same_blows_fall_for_a_seed_and_every_kind_does() -> None:
    lot = list(islice(blows(5), sum(SHARES.values())))
    assert lot == list(islice(blows(5), sum(SHARES.values())))
    assert lot != list(islice(blows(6), sum(SHARES.values())))
    assert {blow.fault for blow in lot} == set(Fault) == {blow.fault for blow in islice(one_of_each(5), len(Fault))}


def test_outlets_are_founded_with_some_articles_and_all_of_them_come_out_once() -> None:
    with serving(stories(2 * OF_AN_OUTLET, seed=1)) as press:
        press.publish(1)
        assert len(press.out) == FIRST_OUT
        press.found()
        press.publish(1)
        assert [story.outlet for story in press.out] == [0] * FIRST_OUT + [1] * FIRST_OUT + [0]
        press.publish(100)
        press.found()
        assert sorted(press.out, key=press.stories.index) == list(press.stories)
        assert len({story.title for story in press.out}) == len({press.url_of(s) for s in press.out}) == 40
