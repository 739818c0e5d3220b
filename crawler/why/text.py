"""An answer as text: for a terminal, and for what reads a terminal's output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crawler.extraction.candidates import Candidate
from crawler.extraction.explain import Explanation, Fate, Field, Line
from crawler.terminal import one_line
from crawler.why.answer import Answer, Fact

SHOWN_ELSEWHERE = 60  # characters of a text elsewhere on the page


def print_answer(answer: Answer, console: Console) -> None:
    """Print what is known, each field with what was passed over for it, then the page's texts in reading order."""
    console.print(Text(one_line(answer.name), style="bold"), soft_wrap=True)
    for title, facts in (("what the state knows", answer.known), ("the page", answer.read)):
        if facts:
            console.print(Text(f"\n{title}", style="bold"))
            console.print(_facts(facts))
    if answer.explanation:
        _print_explanation(answer.explanation, console)


def _print_explanation(explanation: Explanation, console: Console) -> None:
    if explanation.refused:
        detail = f": {one_line(explanation.refused.detail)}" if explanation.refused.detail else ""
        console.print(Text(f"\nrefused: {explanation.refused.reason}{detail}", style="red"), soft_wrap=True)
    if explanation.extract is None:
        return
    console.print(Text("\nfields", style="bold"))
    console.print(_fields(explanation.fields))
    console.print(Text("\nthe page's texts in reading order", style="bold"))
    for is_elsewhere, lines in groupby(explanation.lines, key=lambda line: line.fate is Fate.ELSEWHERE):
        for shown in [_elsewhere(lines)] if is_elsewhere else map(_line, lines):
            console.print()
            console.print(*shown, sep="\n")
    counts = ", ".join(f"{explanation.number_of(fate):,} {fate}" for fate in Fate)
    console.print(Text("\n" + " · ".join([counts, *map(one_line, explanation.extract.warnings)]), style="dim"))


def _facts(facts: Iterable[Fact]) -> Table:
    table = _table(2)
    for fact in facts:
        table.add_row(fact.name, one_line(fact.text))
    return table


def _fields(fields: Sequence[Field]) -> Table:
    table = _table(3)
    for field in (field for field in fields if not field.is_silent):
        value = one_line(field.value) or "–"
        notes = f" ({one_line('; '.join(field.notes))})" if field.notes else ""
        also = f"; also {field.also}" if field.also else ""
        table.add_row(field.name, f"{value}{notes}", one_line(f"{field.source}{also}"))
        for candidate in field.rejected:
            table.add_row("", Text(f"  not {_rejected(candidate)}", style="dim"), one_line(candidate.source))
    if silent := ", ".join(field.name for field in fields if field.is_silent):
        table.add_row("not stated", silent, "")
    return table


def _rejected(candidate: Candidate) -> str:
    written = f" (written “{candidate.written}”)" if candidate.written else ""
    return one_line(f"{candidate.value}{written}: {candidate.why_not}")


def _table(columns: int) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for _ in range(columns - 2):
        table.add_column(style="dim", overflow="fold")
    return table


def _line(line: Line) -> list[RenderableType]:
    """A text with a mark before what was cut, which tells it from what is kept where there are no colours."""
    shown: list[RenderableType] = []
    for part in line.parts:
        if part.kind:
            shown.append(Text(f"− {part.kind}: {one_line(part.reason)}", style="red"))
        text = "\n".join(map(one_line, part.text.split("\n")))
        shown.append(_indented(Text(text, style="strike dim" if part.kind else "")))
    if line.reason:
        shown.append(_indented(Text(f"({one_line(line.reason)})", style="dim")))
    return shown


def _elsewhere(lines: Iterable[Line]) -> list[RenderableType]:
    """Texts elsewhere on the page, in a line each."""
    shown: list[RenderableType] = []
    for line in lines:
        text = one_line(" ".join(part.text for part in line.parts))
        cut = f"{text[:SHOWN_ELSEWHERE]}…" if len(text) > SHOWN_ELSEWHERE else text
        shown.append(Text(f"· {cut} ({one_line(line.reason)})", style="dim"))
    return shown


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 2), expand=False)
