"""One target fed by one driver, in a process of its own: python -m benchmarks.fuzzing.drive TARGET DRIVER …

The drivers: ``atheris`` mutates what reached new code, ``hypothesis`` draws structured documents and mutates each,
``repeats`` writes a word or two of the format again and again up to 10 KB, which is what quadratic loops and
expressions are slow on.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.fuzzing.target import Target
    from benchmarks.fuzzing.watch import Watch

DRIVERS = ("atheris", "hypothesis", "repeats")
INSTRUMENTED = ["crawler", "spiders"]
BATCH = 1_000  # examples of one hypothesis run, whose memory of what it drew grows
VARIANTS = 3  # of a drawn document: drawing costs more than most targets
REPEATED_BYTES = 9_900
LIBFUZZER_TIMEOUT_S = 120  # for code that does not come back to the interpreter


def main() -> None:
    """Feed the target until it has had its executions."""
    options = _options()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with _instrumented(options.driver):
        from benchmarks.fuzzing.targets import target_named
        from benchmarks.fuzzing.watch import Watch, limit_memory

        target = target_named(options.target)
    watch = Watch(target, options.folder)
    limit_memory()
    feed = {"atheris": _by_coverage, "hypothesis": _by_structure, "repeats": _by_repeats}[options.driver]
    feed(target, watch, options)


def _instrumented(driver: str) -> AbstractContextManager[object]:
    if driver != "atheris":
        return nullcontext()
    import atheris

    return atheris.instrument_imports(include=INSTRUMENTED)


def _by_coverage(target: Target, watch: Watch, options: argparse.Namespace) -> None:
    import atheris

    from benchmarks.fuzzing.mutation import mutated

    corpus = options.folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed[: target.most_bytes])

    def mutate(data: bytes, most_bytes: int, seed: int) -> bytes:
        random = Random(seed)  # noqa: S311  it mutates, it hides nothing
        if random.random() < 0.3:  # the bytes that comparisons looked for
            return atheris.Mutate(data, most_bytes)
        return mutated(data, target.tokens, random, most_bytes)

    arguments = [
        sys.argv[0],
        f"-runs={options.executions}",
        f"-seed={options.seed}",
        f"-max_len={target.most_bytes}",
        "-len_control=0",
        "-rss_limit_mb=0",
        f"-timeout={LIBFUZZER_TIMEOUT_S}",
        f"-artifact_prefix={options.folder}/",
        "-print_final_stats=1",
        str(corpus),
    ]
    atheris.Setup(arguments, watch.run, custom_mutator=mutate)
    atheris.Fuzz()


def _by_structure(target: Target, watch: Watch, options: argparse.Namespace) -> None:
    from hypothesis import HealthCheck, Phase, given, seed, settings

    from benchmarks.fuzzing.mutation import mutated

    random = Random(options.seed)  # noqa: S311  it draws, it hides nothing
    while (left := options.executions - watch.tally.executions) > 0:
        before = watch.tally.executions

        @seed(random.getrandbits(32))
        @settings(
            max_examples=min(BATCH, left // (1 + VARIANTS) + 1),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(target.inputs())
        def feed(data: bytes) -> None:
            watch.run(data)
            for _ in range(VARIANTS):
                watch.run(mutated(data, target.tokens, random, target.most_bytes))

        feed()
        if watch.tally.executions == before:
            return  # there is nothing more to draw


def _by_repeats(target: Target, watch: Watch, options: argparse.Namespace) -> None:
    inputs = list(_repeats(target))
    Random(options.seed).shuffle(inputs)  # noqa: S311
    for first, second in inputs[: options.executions]:
        watch.run(_filled(first, second))


def _repeats(target: Target) -> Iterator[tuple[bytes, bytes]]:
    """What stands once, and what is repeated behind it: a word, two in turn, one behind the other's first."""
    tokens = list(dict.fromkeys(token for token in target.tokens if token))
    yield from ((b"", token) for token in tokens)
    for first in tokens:
        for second in tokens:
            yield from ((b"", first + second), (first, second))


def _filled(first: bytes, second: bytes) -> bytes:
    return first + second * max((REPEATED_BYTES - len(first)) // len(second), 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzzing.drive", description=__doc__)
    parser.add_argument("target")
    parser.add_argument("driver", choices=DRIVERS)
    parser.add_argument("--executions", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
