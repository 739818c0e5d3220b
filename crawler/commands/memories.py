"""Site memories as a person reads them."""

from __future__ import annotations

from contextlib import closing

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.errors import ConfigError
from crawler.exits import Exit
from crawler.identity import site_of
from crawler.memory.site_memory import MemoryFormatError, SiteMemory
from crawler.state import Place, kept_memories
from crawler.state.opening import opened_alone
from crawler.state.sites import Sites
from crawler.terminal import one_line, say, stdout_console

SHOWN = 30  # rows of a table; the rest is counted


def list_sites(place: Place) -> Exit:
    """The sites that are known."""
    table = _table("", "site", "pages", "furniture", "layouts", "KB")
    for site, kept in kept_memories(place).items():
        memory = _read(site, kept)
        if memory is not None:
            numbers = (memory.pages, len(memory.furniture_known()), len(memory.layouts.layouts))
            table.add_row(Text(one_line(site)), *(f"{n:,}" for n in numbers), f"{len(kept) / 1000:.1f}")
    if not table.row_count:
        say(f"{place}: no site is known yet; a crawl that reads articles makes them known")
        return Exit.FINE
    stdout_console().print(table)
    return Exit.FINE


def show_site(place: Place, name: str) -> Exit:
    """What is known of one site."""
    kept = kept_memories(place)
    site = _named(name, kept)
    memory = _read(site, kept[site])
    if memory is None:
        return Exit.SOME_FAILED
    show(memory, len(kept[site]), stdout_console())
    return Exit.FINE


def forget_site(place: Place, name: str) -> Exit:
    """Drop what is known of one site; LockedError while a run is using the folder of its state."""
    site = _named(name, kept_memories(place))
    with closing(opened_alone(place)) as db:
        Sites(db).forget(site)
    say(f"{site}: forgotten; its next pages are read as those of an unknown site")
    return Exit.FINE


def show(memory: SiteMemory, size: int, console: Console) -> None:
    """Print a memory: the furniture with counts and examples, where articles stand, and the habits of the site."""
    console.print(Text(one_line(memory.site), style="bold"))
    console.print(f"learned from {memory.pages:,} pages, {size:,} bytes\n")
    _show_rows(
        "furniture: cut from every article",
        ("pages", "of", "text"),
        [(f"{seen.pages:,}", f"{seen.of:,}", example) for seen, example in memory.furniture_known()],
        console,
    )
    for line in (*memory.dates.described(memory.country), *memory.names.described()):
        console.print(Text(one_line(line)))
    for number, layout in enumerate(reversed(memory.layouts.layouts)):
        age = "newest layout" if not number else "earlier layout"
        _show_rows(
            f"{age}: {layout.pages:,} pages, {layout.since} to {layout.until}",
            ("place", "holds text", "beside it"),
            [
                (p.name, f"{p.holding:,}", f"{p.beside:,}")
                for p in sorted(layout.places.values(), key=lambda p: (-p.holding, -p.beside, p.name))
            ],
            console,
        )


def _show_rows(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]], console: Console) -> None:
    if not rows:
        console.print(Text(f"{title}: none known\n", style="dim"))
        return
    table = _table(title, *columns)
    for row in rows[:SHOWN]:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    console.print(table)
    if len(rows) > SHOWN:
        console.print(Text(f"… and {len(rows) - SHOWN:,} more\n", style="dim"))


def _table(title: str, *columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False, title_style="bold")
    for column in columns:
        is_word = column in ("site", "text", "place")
        table.add_column(column, justify="left" if is_word else "right", overflow="fold", no_wrap=not is_word)
    return table


def _named(name: str, kept: dict[str, bytes]) -> str:
    """The site that is meant: by its name or an address on it. ConfigError where nothing is known of it."""
    for site in (name, site_of(name), site_of(f"https://{name}/")):
        if site in kept:
            return site
    known = ", ".join(list(kept)[:5]) or "none"
    raise ConfigError(f"{name}: nothing is known of this site; known are {known}{' …' if len(kept) > 5 else ''}")


def _read(site: str, kept: bytes) -> SiteMemory | None:
    try:
        return SiteMemory.from_bytes(site, kept)
    except MemoryFormatError as error:
        say(f"{error}; the next crawl learns it anew")
        return None
