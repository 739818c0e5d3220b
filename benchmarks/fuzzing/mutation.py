"""Structure-aware mutation: an input taken apart into the units of its format, and put together otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

MOST_REPEATS = 64
# a tag, an entity, a word, or a single character that is neither: enough for mark-up, JSON, addresses and dates alike
_UNIT = re.compile(rb"<[^<>]{0,200}>|&[#\w]{1,20};|\\u[0-9a-fA-F]{4}|[\w\x80-\xff]+|\s+|.", re.DOTALL)

Mutation = Callable[[list[bytes], Sequence[bytes], Random], list[bytes]]


def mutated(data: bytes, tokens: Sequence[bytes], random: Random, most_bytes: int) -> bytes:
    """The input with one to four changes; never longer than ``most_bytes``."""
    units = _UNIT.findall(data)
    for _ in range(random.randint(1, 4)):
        units = random.choice(MUTATIONS)(units, tokens, random)
    return b"".join(units)[:most_bytes]


def _insert(units: list[bytes], tokens: Sequence[bytes], random: Random) -> list[bytes]:
    place = random.randint(0, len(units))
    return [*units[:place], random.choice(tokens), *units[place:]]


def _replace(units: list[bytes], tokens: Sequence[bytes], random: Random) -> list[bytes]:
    start, end = _span(units, random)
    return [*units[:start], random.choice(tokens), *units[end:]]


def _cut(units: list[bytes], _tokens: Sequence[bytes], random: Random) -> list[bytes]:
    start, end = _span(units, random)
    return units[:start] + units[end:]


def _move(units: list[bytes], _tokens: Sequence[bytes], random: Random) -> list[bytes]:
    start, end = _span(units, random)
    rest = units[:start] + units[end:]
    place = random.randint(0, len(rest))
    return rest[:place] + units[start:end] + rest[place:]


def _repeat(units: list[bytes], _tokens: Sequence[bytes], random: Random) -> list[bytes]:
    start, end = _span(units, random)
    return units[:end] + units[start:end] * random.randint(1, MOST_REPEATS) + units[end:]


def _byte(units: list[bytes], _tokens: Sequence[bytes], random: Random) -> list[bytes]:
    if not units:
        return [random.randbytes(1)]
    place = random.randrange(len(units))
    unit = bytearray(units[place])
    unit[random.randrange(len(unit))] = random.randrange(256)
    return [*units[:place], bytes(unit), *units[place + 1 :]]


def _span(units: list[bytes], random: Random) -> tuple[int, int]:
    start = random.randint(0, len(units))
    return start, min(len(units), start + random.choice((1, 1, 2, 4, 8, 32)))


MUTATIONS: tuple[Mutation, ...] = (_insert, _insert, _replace, _cut, _move, _repeat, _byte)
