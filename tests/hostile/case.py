"""One thing that a stranger's server may do, and how each of its addresses has to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from crawler.items import Outcome
from tests.hostile.articles import Article

HTML = "text/html; charset=utf-8"
FEED = "/feed.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. In texts and header values ``{base}`` stands for the outlet's own address, ``{host}`` and ``{port}``
    for its parts, ``{tls}`` for the same over https, ``{private}`` for that of a service which no crawl may touch.
    """

    body: bytes | str | Callable[[], bytes | str] = b""  # a function makes one that is large when it is asked for
    status: int = 200
    kind: str | None = HTML  # None for no Content-Type
    headers: Mapping[str, str] = field(default_factory=dict)
    is_literal: bool = False  # the text holds no placeholders; bytes never do


# a function writes to the connection what it likes; of several replies each is given once, and the last for ever
Answer = Reply | tuple[Reply, ...] | Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An outlet: its good articles, what else it answers, and how its other addresses end.

    Unless ``pages`` has another one, its feed names an article, then what is ``named``, then another article; that is
    each address of ``holds`` and ``ends`` where nothing else is said. ``ends`` is by path, or by whole address where it
    stands elsewhere; None for an address that no run may hear of.
    """

    name: str
    pages: Mapping[str, Answer] = field(default_factory=dict)
    endless: Callable[[str], Reply | None] = lambda _: None  # what other paths are answered with
    certificate: str = ""  # "self-signed" or "expired": the same is answered over https, with this one
    ends: Mapping[str, Outcome | None] = field(default_factory=dict)
    named: Sequence[str] | None = None
    holds: Mapping[str, Article] = field(default_factory=dict)  # addresses that end as saved, whose article is whole
    title: Mapping[str, str] = field(default_factory=dict)  # of those, where it is another than the article's
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

    @property
    def outcomes(self) -> dict[str, Outcome | None]:
        """How each of its addresses ends besides those of the good articles."""
        return {**dict.fromkeys(self.holds, Outcome.SAVED), **self.ends}

    def article(self, number: int) -> str:
        """The path of a good article."""
        return f"/news/{self.name}-{number}"
