"""A hostile web on loopback: outlets that each do one thing to a crawler, among good articles that must all arrive.

One crawl reads all of them (tests/test_hostile.py). To add a case, add it to one of the files of CASES; an outlet of
its own, on an address of its own, is made of it.
"""

from __future__ import annotations

from tests.hostile import addresses, bodies, documents, robots
from tests.hostile.case import Case

CASES: tuple[Case, ...] = (*addresses.CASES, *bodies.CASES, *documents.CASES, *robots.CASES)
