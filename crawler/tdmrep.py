"""/.well-known/tdmrep.json, where a site reserves the mining of its text (W3C TDM Reservation Protocol, “TDM File”)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crawler.address_patterns import Pattern, comparable, read_pattern

TDMREP_PATH = "/.well-known/tdmrep.json"
MOST_BYTES = 256_000  # the whole file; a longer one is not read
MOST_ENTRIES = 5_000
MOST_POLICY = 500  # characters of a policy's address


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What a site says of the addresses under a pattern."""

    location: Pattern
    reservation: str  # "1" where the rights are reserved, "0" where not
    policy: str = ""  # an address


def parse_tdmrep(body: bytes) -> tuple[Reservation, ...]:
    """The reservations of a file in their order; what is none is passed over, and a file that is no JSON has none.

    >>> [entry.reservation for entry in parse_tdmrep(b'[{"location": "/", "tdm-reservation": 1}, {"location": 2}]')]
    ['1']
    """
    try:
        told = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return ()
    entries = told if isinstance(told, list) else [told]  # a lone object, where the brackets were forgotten
    return tuple(found for entry in entries[:MOST_ENTRIES] if (found := _reservation(entry)) is not None)


def reservation_of(url: str, reservations: tuple[Reservation, ...]) -> Reservation | None:
    """What is said of an address: by the first pattern in the file that matches it."""
    path = comparable(url)
    return next((entry for entry in reservations if entry.location.matches(path)), None)


def _reservation(entry: Any) -> Reservation | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("location"), str):
        return None
    location, policy = read_pattern(entry["location"]), entry.get("tdm-policy")
    said = str(entry.get("tdm-reservation")).strip()  # a number, or a text by those who write it so
    if location is None or said not in {"0", "1"}:
        return None
    return Reservation(
        location=location, reservation=said, policy=policy[:MOST_POLICY] if isinstance(policy, str) else ""
    )
