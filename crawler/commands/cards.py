"""A site's card on the terminal, in words that a person understands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from crawler.card import Card, Stated, kinds_removed
from crawler.doubts import words_of
from crawler.items import Dated, Extract, Kind, Refused
from crawler.probed import Listing, Miss, Sample
from crawler.sources_file import table_text
from crawler.terminal import one_line

SHOWN_KINDS = 3  # of what was cut from an article
# what every page has round its article; a reader of the card looks for notices
_USUAL = {kind.value for kind in (Kind.HEADLINE, Kind.STANDFIRST, Kind.DATE_LINE, Kind.BYLINE, Kind.OTHER)}
_SURE = {"high": "sure", "medium": "fairly sure", "low": "not sure"}
_SURE_STYLE = {"high": "green", "medium": "green", "low": "yellow"}
_RIGHTS = {
    "content_signal": "Content-Signal: {}",
    "tdm_reservation": "tdmrep.json: text and data mining {}",
    "tdm_policy": "with a policy at {}",
    "robots": "pages ask: {}",
}


def show(card: Card, name: str | None, console: Console) -> None:
    """Print a card; under a name, with the table that would be written."""
    console.print(Rule(Text(one_line(card.probed.given), style="bold"), align="left", style="dim"))
    console.print(_facts(card))
    if card.samples:
        console.print()
        for number, sample in enumerate(card.samples, start=1):
            console.print(_sample(number, sample))
    console.print()
    for warned in card.warnings:
        console.print(_warning(warned.kind, warned.said))
    if not card.warnings:
        console.print(Text("nothing is doubtful", style="green"))
    if name:
        console.print(Text(f"\n{_printable(table_text(name, card.as_table()))}", style="cyan"), soft_wrap=True)
    console.print(Text(f"{card.probed.requests} requests were made", style="dim"))


def _printable(text: str) -> str:
    """A table of TOML, each line of it safe to print."""
    return "\n".join(map(one_line, text.splitlines()))


def _facts(card: Card) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(overflow="fold")
    found = card.probed
    kind = "no answer" if found.miss else found.kind
    grid.add_row("address", Text(f"{one_line(found.url)}, {kind}" if found.url != found.given else kind))
    grid.add_row("robots", Text(_robots(card)))
    grid.add_row("rights", Text("; ".join(map(one_line, _rights(card))) or "nothing is reserved"))
    _add_listings(grid, "feeds", found.feeds, "none was found")
    if found.sitemaps or found.kind not in {"feed"}:
        _add_listings(grid, "sitemaps", found.sitemaps, "none was found")
    grid.add_row("language", _stated(card.language))
    grid.add_row("country", _stated(card.country))
    grid.add_row("time zone", _stated(card.zone))
    for bound in found.bounds:
        grid.add_row("", Text(one_line(bound), style="dim"))
    return grid


def _robots(card: Card) -> str:
    found = card.probed
    if found.robots:
        return one_line(found.robots.why)
    allowed = "may be read" if found.is_allowed else "may not be read"
    return f"{allowed}, {found.crawl_delay_s:g} s between requests" if found.crawl_delay_s else allowed


def _rights(card: Card) -> Iterator[str]:
    """What the site's files say, and what its pages say beside."""
    said = dict(card.probed.rights)
    for sample in card.samples:
        if isinstance(sample.result, Extract):
            said = sample.result.rights | said
    for name, form in _RIGHTS.items():
        if name in said:
            value = said[name]
            reserved = "reserved" if value == "1" else "not reserved"
            yield form.format(reserved if name == "tdm_reservation" else value)


def _add_listings(grid: Table, name: str, listings: Iterable[Listing], nothing: str) -> None:
    rows = [_listing(listing) for listing in listings] or [Text(nothing, style="yellow")]
    for number, row in enumerate(rows):
        grid.add_row("" if number else name, row)


def _listing(listing: Listing) -> Text:
    text = Text(one_line(listing.url))
    if listing.miss:
        return text.append(f"  {one_line(listing.miss.told)} (named by {listing.named_by})", style="yellow")
    parts = [f"{listing.articles:,} articles"] if listing.articles or not listing.sitemaps else []
    parts += [f"{listing.sitemaps:,} more sitemaps"] if listing.sitemaps else []
    parts += ["news"] if listing.is_news else []
    parts += [f"newest {listing.newest:%Y-%m-%d %H:%M}"] if listing.newest else []
    return text.append(f"  {', '.join([*parts, f'named by {listing.named_by}'])}", style="dim")


def _stated(stated: Stated) -> Text:
    by = f"  {one_line(stated.by)}" if stated.by else ""
    text = Text(one_line(stated.value)) if stated.value else Text("not known", style="dim")
    return text.append(by, style="dim")


def _sample(number: int, sample: Sample) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(justify="right", style="cyan", width=2)
    grid.add_column(overflow="fold")
    result = sample.result
    if isinstance(result, Extract):
        grid.add_row(str(number), Text(one_line(result.title) or "without a title", style="bold"))
        grid.add_row("", _about(result))
        if cut := _cut(result):
            grid.add_row("", cut)
    else:
        grid.add_row(str(number), Text(one_line(sample.hint.url)))
        grid.add_row("", Text(_why_not(result), style="yellow"))
    return grid


def _why_not(result: Refused | Miss) -> str:
    if isinstance(result, Miss):
        return f"could not be read: {one_line(result.told)}"
    return f"{result.reason.value}{f': {one_line(result.detail)}' if result.detail else ''}"


def _about(extract: Extract) -> Text:
    authors = ", ".join(one_line(author.name) for author in extract.authors) or "no author"
    return Text.assemble(_date(extract.published), f" · {authors} · {words_of(extract):,} words")


def _date(dated: Dated | None) -> Text:
    if dated is None:
        return Text("undated", style="yellow")
    value = one_line(dated.value)
    if "T" in value:
        moment = dt.datetime.fromisoformat(value)
        value = f"{moment:%Y-%m-%d %H:%M}{f' {moment:%z}' if moment.tzinfo else ''}"
    return Text.assemble(value, (f" ({_SURE[dated.confidence]})", _SURE_STYLE[dated.confidence]))


def _cut(extract: Extract) -> Text | None:
    """The notices that were cut, each kind with the first words of one."""
    kinds = [cut for cut in kinds_removed(extract.removed) if cut[0] not in _USUAL]
    if not kinds:
        return None
    shown = [f"{number} × {one_line(kind)} (“{one_line(words)}”)" for kind, number, words in kinds[:SHOWN_KINDS]]
    more = sum(number for _, number, _ in kinds[SHOWN_KINDS:])
    return Text(f"cut: {', '.join([*shown, *([f'{more} more'] if more else [])])}", style="dim")


def _warning(kind: str, said: str) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(style="bold yellow", width=1)
    grid.add_column(overflow="fold")
    grid.add_row("!", Text.assemble((f"{kind}: ", "yellow"), one_line(said)))
    return grid
