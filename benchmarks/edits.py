"""Edits: a site of many articles is read again and again while what stands round them changes, and some are edited.

    python -m benchmarks.edits [--articles 1000] [--rounds 4] [--edited 60]

Each round the site prints other notices, counters, teasers and white space, and a few articles are edited: a headline,
a sentence changed, added or taken away, a figure, the authors, the date. Every page goes through the extraction, the
site's memory and the pipeline that writes, as in a crawl. Counted are the versions that no edit stands behind and the
edits that no version tells.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from benchmarks.table import Table, show
from crawler.extensions import Run
from crawler.extraction.extract import extract
from crawler.items import Extract, FoundBy, Hint, Page
from crawler.terminal import stdout_console
from pipelines.accept import Accepted
from pipelines.jsonl import WriteArticle

SEED = 20_251_126
START = dt.datetime(2025, 5, 1, 6, tzinfo=dt.UTC)
PLACES = "Ashmere Brockle Cawdon Dunsby Eltham Farnley Gorsey Hadlow Ilmere Kelby Lorton Marden".split()
THINGS = "bridge library orchard tramway harbour bakery hospital stadium choir canal market windmill quarry".split()
DEEDS = "reopened flooded expanded closed repainted auctioned rebuilt inspected relocated celebrated".split()
WHYS = (
    "after the council had put the plan off for {n} years",
    "because the roof over the north side had begun to give way in {month}",
    "although {n} households had signed a letter against it",
    "while the county looked for {n} thousand crowns in its budget",
    "and the first {n} visitors were given bread and salt by the mayor of {place}",
)
MONTHS = "January February March April May June July August September October November December".split()
NAMES = "Ada Stone, Ben Reed, Cora Lind, Dov Hart, Eda Moss, Fin Ware, Gil Park, Hana Frost".split(", ")
NOTICES = (
    "Four of us set this page by hand, and a jar by the door pays for the lead.",
    "Your browser hides the baker's little advertisement; the baker would be glad to be seen again.",
    "Every evening at seven we send what the day has left over; say where to.",
    "A comma out of place? The proof-reader sits by the window and takes notes.",
    "The paper's own walk through the hills starts on Sunday; boots are lent at the desk.",
    "Readers of this page have paid for {n} of its lamps; the next one is still dark.",
)


@dataclass(slots=True)
class Story:
    """An article as its author has it."""

    number: int
    title: str
    author: str
    day: dt.date
    sentences: list[str]
    version: int = 1
    edits: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Found:
    """What came of all rounds."""

    looks: int = 0
    edits: int = 0
    told: int = 0
    false_versions: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)


def main() -> int:
    """Measure and print; exit code 1 where a version is false or an edit was missed."""
    options = _options()
    found = measure(options.articles, options.rounds, options.edited)
    show([table_of(found)], stdout_console())
    for line in (*found.false[:10], *found.missed[:10]):
        print(line, file=sys.stderr)
    return int(bool(found.false_versions or found.missed))


def table_of(found: Found) -> Table:
    return Table(
        title="Articles read again while the site around them changes",
        columns=(
            "looks at written articles",
            "edits",
            "told as versions",
            "missed",
            "false versions",
            "in 1,000 looks",
        ),
        rows=[
            (
                f"{found.looks:,}",
                f"{found.edits:,}",
                f"{found.told:,}",
                str(len(found.missed)),
                str(found.false_versions),
                f"{1000 * found.false_versions / (found.looks - found.edits or 1):.2f}",
            )
        ],
        words=0,
    )


def measure(articles: int, rounds: int, edited: int) -> Found:
    """Publish, then read again; edits are spread over the rounds."""
    chance = random.Random(SEED)  # noqa: S311  pages, not secrets
    stories = [_story(number, chance) for number in range(articles)]
    found = Found()
    with tempfile.TemporaryDirectory() as folder:
        settings = {"DATELINE_DATA": folder, "DATELINE_OUTPUT": f"{folder}/out.jsonl", "DATELINE_RECHECK": "30d"}
        run = Run.from_crawler(Crawler(Spider, settings))
        try:
            site = _Site(run, Path(folder) / "out.jsonl")
            site.read(stories, 0, chance)
            for number in range(1, rounds + 1):
                chosen = chance.sample(stories, edited // rounds)
                for story in chosen:
                    _edit(story, number, chance)
                versions = site.read(stories, number, chance)
                _count(found, stories, chosen, versions, number)
        finally:
            run.close()
    return found


class _Site:
    """The stages of a crawl that a page goes through, without the network."""

    def __init__(self, run: Run, output: Path) -> None:
        self._run, self._output = run, output
        self._write = WriteArticle(run)

    def read(self, stories: Sequence[Story], number: int, chance: random.Random) -> dict[int, int]:
        """Read every page once; the newest version of each article that was written in this round, by its number."""
        before = self._output.stat().st_size if self._output.exists() else 0
        memories = self._run.memories
        memories.is_ending = False
        for story in stories:
            self._one(_page(story, stories, number, chance))
        memories.is_ending = True
        for site in memories.sites_waited_for():
            memories.begin(site)
            for page, _ in list(memories.waiting(site)):
                self._one(page)
        lines = self._output.read_bytes()[before:].splitlines()
        records = [json.loads(line) for line in lines]
        return {int(record["url"].rpartition("-")[2]): record["_dateline"]["version"] for record in records}

    def _one(self, page: Page) -> None:
        memories = self._run.memories
        told = memories.told(page)
        result = extract(told or page)
        if not isinstance(result, Extract) or result.trace is None:
            raise TypeError(f"{page.url}: {result}")
        if told is None:
            memories.wait(page, "", result.trace)
            return
        memories.learn(page, result.trace)
        try:
            self._write.process_item(Accepted(page=page, extract=result))
        except DropItem:
            return


def _count(
    found: Found, stories: Sequence[Story], chosen: Sequence[Story], versions: dict[int, int], number: int
) -> None:
    edited = {story.number for story in chosen}
    found.looks += len(stories)
    found.edits += len(edited)
    for story in stories:
        is_told = story.number in versions
        if story.number in edited:
            found.told += is_told
            if not is_told:
                found.missed.append(f"round {number}: missed on article {story.number}: {story.edits[-1]}")
        elif is_told:
            found.false_versions += 1
            found.false.append(f"round {number}: false version of article {story.number}")


def _story(number: int, chance: random.Random) -> Story:
    thing, place = chance.choice(THINGS), chance.choice(PLACES)
    return Story(
        number=number,
        title=f"The {thing} of {place} is {chance.choice(DEEDS)}, {_reason(number, chance)}",
        author=chance.choice(NAMES),
        day=START.date() - dt.timedelta(days=number % 28),
        sentences=[_sentence(number, chance) for _ in range(chance.randint(8, 14))],
    )


def _reason(number: int, chance: random.Random) -> str:
    text = chance.choice(WHYS).format(n=number + 11, month=chance.choice(MONTHS), place=chance.choice(PLACES))
    return text.split(" because ")[0]


def _sentence(number: int, chance: random.Random) -> str:
    subject = f"The {chance.choice(THINGS)} beside the {chance.choice(THINGS)} of {chance.choice(PLACES)}"
    why = chance.choice(WHYS).format(
        n=chance.randint(12, 980), month=chance.choice(MONTHS), place=chance.choice(PLACES)
    )
    return f"{subject} was {chance.choice(DEEDS)} in the {chance.choice(MONTHS)} of parish {number}, {why}."


def _edit(story: Story, number: int, chance: random.Random) -> None:
    """One edit that a reader would call one."""
    place = chance.randrange(len(story.sentences))
    kind = chance.choice(("title", "changed", "added", "taken away", "figure", "author", "date"))
    if kind == "title":
        story.title = f"{story.title.split(',')[0]}, and {chance.choice(PLACES)} asks who pays in round {number}"
    elif kind == "changed":
        story.sentences[place] = _sentence(story.number, chance)
    elif kind == "added":
        told = f"On the day after, {chance.choice(NAMES)} said: {_sentence(story.number, chance)}"
        story.sentences.insert(place, told)
    elif kind == "taken away":
        del story.sentences[place]
    elif kind == "figure":
        sum_ = story.number * 7 + number
        story.sentences[place] = f"The bill for {chance.choice(PLACES)} was {sum_} crowns, said {chance.choice(NAMES)}."
    elif kind == "author":
        story.author = next(name for name in chance.sample(NAMES, len(NAMES)) if name != story.author)
    else:
        story.day -= dt.timedelta(days=3)
    story.edits.append(kind)


def _page(story: Story, stories: Sequence[Story], number: int, chance: random.Random) -> Page:
    """The article's page as the site prints it in a round."""
    notices = [notice.format(n=chance.randint(2, 99)) for notice in _notices(number)]
    teasers = "".join(f"<li><a href='/a-{o.number}'>{o.title}</a></li>" for o in chance.sample(stories, 5))
    texts = [*_paragraphs(story.sentences, chance)]
    texts.insert(min(2, len(texts)), notices[0])
    body = "".join(f"<p>{_spaced(text, chance)}</p>" for text in [*texts, *notices[1:]])
    return Page(
        url=f"https://parish.example/news/a-{story.number}",
        body=f"""<html lang="en"><head><title>{story.title}</title><meta name="author" content="{story.author}">
            <meta property="article:published_time" content="{story.day}T08:00:00+00:00"></head><body>
            <nav><a href="/">Front</a></nav><article><h1>{story.title}</h1><div class="views">{chance.randint(9, 9999)}
            views</div>{body}</article><aside><h3>More of the day</h3><ul>{teasers}</ul></aside>
            <p class="comments">{chance.randint(0, 80)} comments</p></body></html>""".encode(),
        fetched_at=START + dt.timedelta(hours=3 * number, seconds=story.number),
        hint=Hint(
            url=f"https://parish.example/news/a-{story.number}", found_by=FoundBy.RECHECK if number else FoundBy.FEED
        ),
    )


def _notices(number: int) -> list[str]:
    """Two of the notices, another two in each round."""
    return [NOTICES[(2 * number + i) % len(NOTICES)] for i in range(2)]


def _paragraphs(sentences: Sequence[str], chance: random.Random) -> Iterator[str]:
    """The same sentences, now parted here, now there."""
    at = 0
    while at < len(sentences):
        size = chance.randint(1, 3)
        yield " ".join(sentences[at : at + size])
        at += size


def _spaced(text: str, chance: random.Random) -> str:
    return text.replace(" ", chance.choice((" ", "  ", "\n ", "&nbsp;")), 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1000, help="articles of the site (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=4, help="times that all are read again (default: %(default)s)")
    parser.add_argument("--edited", type=int, default=60, help="edits in all (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
