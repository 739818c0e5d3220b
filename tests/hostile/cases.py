"""All cases of the hostile web, each from the file that tells of its kind."""

from __future__ import annotations

from tests.hostile import addresses, behaviour, bodies, documents, pages, robots, strings
from tests.hostile.case import Case

CASES: tuple[Case, ...] = (
    *addresses.CASES,
    *bodies.CASES,
    *documents.CASES,
    *robots.CASES,
    *pages.CASES,
    *behaviour.CASES,
    *strings.CASES,
)
