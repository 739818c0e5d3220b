"""One thing that a stranger's server may do, and how each of its addresses has to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from crawler.items import Outcome

HTML = "text/html; charset=utf-8"
FEED = "/feed.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. In texts and header values ``{base}`` stands for the outlet's own address, ``{host}`` and ``{port}``
    for its parts, ``{private}`` for that of a service which no crawl may touch.
    """

    body: bytes | str = b""
    status: int = 200
    kind: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    is_literal: bool = False  # the text holds no placeholders; bytes never do


Answer = Reply | Callable[[BaseHTTPRequestHandler], None]  # a function writes to the connection what it likes


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An outlet: its good articles, what else it answers, and how its other addresses end.

    Unless ``pages`` has another one, its feed names an article, then what is ``named``, then another article; that is
    each address of ``ends`` where nothing else is said. ``ends`` is by path, or by whole address where it stands
    elsewhere; None for an address that no run may hear of.
    """

    name: str
    pages: Mapping[str, Answer] = field(default_factory=dict)
    ends: Mapping[str, Outcome | None] = field(default_factory=dict)
    named: Sequence[str] | None = None
    start: str = FEED
    good: int = 2  # articles that must arrive, whole and once: /news/NAME-1 …
    is_failing: bool = False  # the source gives nothing, and has to be named
    says: str = ""  # stands in what the run says of an address, a source or a limit
    most_requests: int = 60  # that the outlet may be asked
    hosts: Sequence[str] = ()  # further hosts that the sources file calls its own
    names: Mapping[str, str] = field(default_factory=dict)  # host names and the addresses that they resolve to
    records: Mapping[str, Mapping[str, str | None]] = field(
        default_factory=dict
    )  # by path: keys of its record that are told
    secret: str = ""  # that nothing may hold: no request, record, report or message

    def article(self, number: int) -> str:
        """The path of a good article."""
        return f"/news/{self.name}-{number}"
