"""A table that is read in a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table as TerminalTable
from rich.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells by row; those of the first ``words`` columns are words, the others numbers.

    A row whose first cell is not empty begins a section; the ``bold`` rows are told by their number.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    words: int = 1
    bold: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


def markdown(table: Table) -> Iterator[str]:
    """The lines of a table in Markdown, with its title and notes."""
    numbers = len(table.columns) - table.words
    yield from (f"## {table.title}", "", _line(table.columns), "|" + "---|" * table.words + "--:|" * numbers)
    for number, row in enumerate(table.rows):
        yield _line([f"**{cell}**" if cell and number in table.bold else cell for cell in row])
    for note in table.notes:
        yield from ("", note)
    yield ""


def terminal(table: Table) -> Group:
    """A table for a terminal; no cell or note is read as a style."""
    title = Text(table.title, style="bold")
    shown = TerminalTable(box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False, collapse_padding=True)
    for number, column in enumerate(table.columns):
        shown.add_column(Text(column), justify="left" if number < table.words else "right", no_wrap=True)
    has_sections = table.words > 1
    for number, row in enumerate(table.rows):
        if has_sections and number and row[0]:
            shown.add_section()
        shown.add_row(*map(Text, row), style="bold" if number in table.bold else None)
    return Group(shown, *(Padding(Text(note), (0, 0, 1, 0)) for note in table.notes))


def show(tables: Sequence[Table], console: Console) -> None:
    """Print tables: drawn where that is a terminal, as Markdown elsewhere."""
    for table in tables:
        if console.is_terminal:
            console.print(terminal(table))
        else:
            console.print(Text("\n".join(markdown(table))), soft_wrap=True)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
