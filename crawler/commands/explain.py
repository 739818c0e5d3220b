"""``dateline extract --explain``: on the terminal, what of a page is kept, what is cut, and why."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crawler.commands.extraction import own_weights
from crawler.commands.jobs import Job, jobs_of, results_of
from crawler.commands.learning import Lessons, extractors
from crawler.exits import Exit
from crawler.extraction.explain import Explanation, Line, explain
from crawler.extraction.model.weights import Weights
from crawler.items import Refused
from crawler.terminal import one_line, say, stdout_console
from crawler.workers import Workers


def explain_pages(options: argparse.Namespace) -> int:
    """Show each page that the options name; the exit code."""
    jobs, weights = jobs_of(options), own_weights(options.model)
    return asyncio.run(_show_all(jobs, Lessons([] if options.no_memory else jobs), options.model, weights))


async def _show_all(jobs: Sequence[Job], lessons: Lessons, model: Path | None, weights: Weights | None) -> Exit:
    code = Exit.FINE
    if lessons.pages:
        with closing(extractors(model)) as learners:
            await lessons.learn(learners, lambda: None)
    with closing(Workers(partial(explain, weights=weights) if weights else explain, size=1)) as workers:
        async for job, _, result in results_of(jobs, workers, lessons.told):
            if isinstance(result, Refused):
                say(f"{job.name}: {result.reason}: {result.detail}")
                code = Exit.SOME_FAILED
            else:
                show(result, stdout_console())
    return code


def show(explanation: Explanation, console: Console) -> None:
    """Print one page: its fields with their sources, then its text, what was cut struck out with kind and reason."""
    console.print(Text(one_line(explanation.url), style="bold"), soft_wrap=True)
    if explanation.refused:
        detail = f": {one_line(explanation.refused.detail)}" if explanation.refused.detail else ""
        console.print(Text(f"refused: {explanation.refused.reason}{detail}\n", style="red"), soft_wrap=True)
        return
    console.print(_fields(explanation))
    for line in explanation.lines:
        console.print(_kept(line) if line.kind is None else _cut(line))
    console.print(Text(_end(explanation), style="dim"))


def _fields(explanation: Explanation) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(style="dim", overflow="fold")
    for field in explanation.fields:
        table.add_row(field.name, one_line(field.value), one_line(field.source))
    return table


def _kept(line: Line) -> Padding:
    return Padding(Text(_lines(line.text)), (1, 0, 0, 2))


def _cut(line: Line) -> Padding:
    """A cut text; the mark before it tells it from a kept one where there are no colours."""
    text = Text(f"− {line.kind}: {one_line(line.reason)}\n", style="red")
    return Padding(text.append(_lines(line.text), style="strike dim"), (1, 0, 0, 0))


def _lines(text: str) -> str:
    return "\n".join(one_line(part) for part in text.split("\n"))


def _end(explanation: Explanation) -> str:
    parts = [f"\n{explanation.outside} more texts of the page are outside the article"]
    if explanation.confidence is not None:
        parts.append(f"confidence {explanation.confidence:.2f}")
    return " · ".join([*parts, *map(one_line, explanation.warnings)]) + "\n"
