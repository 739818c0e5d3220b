"""The good articles of the hostile web: short, each in its own words, so that none is taken for another's furniture."""

from __future__ import annotations

import random
from dataclasses import dataclass

PLACES = "Ashmere Brockle Cawdon Dunsby Eltham Farnley Gorsey Hadlow Ilmere Kelby Lorton Marden Norwell Ostley".split()
THINGS = "bridge library orchard tramway harbour bakery hospital stadium choir canal market windmill quarry".split()
DEEDS = "reopened flooded widened closed repainted auctioned rebuilt inspected relocated celebrated".split()
PEOPLE = "mayor, miller, ferryman, teacher, surgeon, beekeeper, archivist, mason, gardener, conductor".split(", ")
WHYS = (
    "after the council of {place} had put the plan off for {n} years",
    "because the roof over the north side had begun to give way in the spring of {year}",
    "although {n} households had signed a letter against it in {place}",
    "while the county was still looking for {n} thousand crowns in its budget",
    "and the first {n} visitors were given bread and salt by the {person} of {place}",
    "since the {person} had found {n} letters about it in an attic in {place}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A title, a day and paragraphs."""

    title: str
    day: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)

    @property
    def html(self) -> str:
        body = "".join(f"<p>{text}</p>" for text in self.paragraphs)
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{self.title}</title>'
            f'<meta property="og:type" content="article">'
            f'<meta property="article:published_time" content="{self.day}T08:00:00Z"></head>'
            f"<body><main><article><h1>{self.title}</h1>{body}</article></main></body></html>"
        )


def article(name: str) -> Article:
    """The article of a name: always the same one."""
    dice = random.Random(name)  # noqa: S311  no secret
    paragraphs = tuple(" ".join(_sentence(dice) for _ in range(3)) for _ in range(4))
    thing, place, deed = dice.choice(THINGS), dice.choice(PLACES), dice.choice(DEEDS)
    title = f"The {thing} of {place} is {deed} in its year {dice.randrange(2, 900)}"
    return Article(title=title, day=f"2025-0{dice.randrange(1, 10)}-{dice.randrange(10, 29)}", paragraphs=paragraphs)


def _sentence(dice: random.Random) -> str:
    why = dice.choice(WHYS).format(
        place=dice.choice(PLACES), n=dice.randrange(2, 900), year=dice.randrange(1850, 2020), person=dice.choice(PEOPLE)
    )
    return f"The {dice.choice(THINGS)} in {dice.choice(PLACES)} was {dice.choice(DEEDS)} {why}."
