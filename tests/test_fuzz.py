"""Every target of the fuzzing holds for a few hundred inputs, the same ones each time; and the fuzzing finds faults."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.fuzzing.mutation import mutated
from benchmarks.fuzzing.target import BrokenLawError, Target, headed, holds
from benchmarks.fuzzing.targets import TARGETS, target_named
from benchmarks.fuzzing.watch import Tally, Watch, failure_of

EXAMPLES = 120
SLOW = {"feed": 40, "kind": 40, "record": 40, "page-dates": 60, "html": 60}  # examples of what takes longer
MUTATIONS = 60
IDS = [target.name for target in TARGETS]


@pytest.mark.filterwarnings("ignore")  # of parsers, about what they are given
@pytest.mark.parametrize("target", TARGETS, ids=IDS)
def test_law_holds_for_drawn_inputs(target: Target) -> None:
    @settings(
        max_examples=SLOW.get(target.name, EXAMPLES),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(target.inputs())
    def check(data: bytes) -> None:
        target.check(data)

    check()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", TARGETS, ids=IDS)
def test_law_holds_for_mutated_seeds(target: Target) -> None:
    random, seeds = Random(1), target.seeds()  # noqa: S311  it mutates, it hides nothing
    for _ in range(MUTATIONS):
        target.check(mutated(random.choice(seeds), target.tokens, random, target.most_bytes))


def test_mutation_is_bounded_and_the_same_for_a_seed() -> None:
    target = target_named("feed")
    seed = target.seeds()[0]

    def found(most_bytes: int) -> list[bytes]:
        random = Random(1)  # noqa: S311
        return [mutated(seed, target.tokens, random, most_bytes) for _ in range(50)]

    assert found(500) == found(500)
    assert max(map(len, found(500))) == 500
    assert len(set(found(10_000))) == 50


def stumbling(data: bytes) -> None:
    """A reader with three faults."""
    if b"!" in data:
        raise KeyError("links")
    holds(b"?" not in data, "no question", told=data)
    if data.startswith(b"slow"):
        sum(range(3_000_000))


def test_failures_are_told_apart_reduced_and_written(tmp_path: Path) -> None:
    watch = Watch(dataclasses.replace(target_named("stamp"), check=stumbling), tmp_path)
    for data in (b"fine", b"a stretch with! in it", b"another! one", b"is it? so"):
        watch.run(data)
    assert (watch.tally.executions, watch.tally.findings) == (4, 2)
    assert Tally(tmp_path / "tally").running == b"is it? so"
    assert sorted(path.read_bytes() for path in tmp_path.glob("*.input")) == [b"!", b"?"]
    told = sorted(path.read_text("utf-8").splitlines()[0] for path in tmp_path.glob("*.txt"))
    assert told[0] == "BrokenLawError: no question"
    assert told[1].startswith("KeyError: test_fuzz.py:")


def test_slow_input_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.fuzzing.watch.SLOW_S", 0.01)
    failure = failure_of(stumbling, b"slow")
    assert failure is not None
    assert failure.key == "slow"
    assert failure_of(stumbling, b"quick") is None


def test_law_that_does_not_hold_raises() -> None:
    with pytest.raises(BrokenLawError, match="a law: 'what was found'"):
        holds([], "a law", told="what was found")


def test_header_is_the_first_line_of_its_name_alone() -> None:
    assert headed(b"charset: x\r\nrest", "charset") == ("", b"charset: x\r\nrest")
    assert headed(b"language: hr\ncharset: x\n", "charset") == ("", b"language: hr\ncharset: x\n")
    assert headed(b"charset: \n", "charset") == ("", b"")


def test_command_tells_what_was_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.fuzz", "--target", "stamp", "--executions", "100"]
    drivers = ["--driver", "hypothesis", "--driver", "repeats", "--findings", str(tmp_path)]
    done = subprocess.run([*command, *drivers], capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| stamp")]
    assert [row[1] for row in rows] == ["hypothesis", "repeats"]
    assert all(int(row[2]) >= 100 for row in rows)
    assert {path.name for path in (tmp_path / "stamp" / "hypothesis").iterdir()} == {"tally", "log"}
