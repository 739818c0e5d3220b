"""robots.txt as RFC 9309 has it: what a file says to one crawler. Pure; what is fetched, and when, is crawler.robots'.

Beside the RFC's own records those that the field has agreed on are read: Sitemap, Crawl-delay and Content-Signal
(https://contentsignals.org/, draft-romm-aipref-contentsignals). The last two belong to the agents named before them,
and end no group; signals that stand before any agent are said to all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.address_patterns import Pattern, comparable, read_pattern

MOST_BYTES = 512_000  # RFC 9309 §2.5: at least 500 KiB
LONGEST_CRAWL_DELAY_S = 60.0  # more would make a crawl of a site endless; such a site is better left out by hand
ROBOTS_PATH = "/robots.txt"

# misspellings that are common, and whose meaning is not in doubt (RFC 9309 §2.2: crawlers may be lenient)
_NAMES = {
    "useragent": "user-agent",
    "user agent": "user-agent",
    "dissallow": "disallow",
    "disalow": "disallow",
    "dissalow": "disallow",
    "disallaw": "disallow",
    "diasllow": "disallow",
    "site-map": "sitemap",
    "crawl delay": "crawl-delay",
    "content-signals": "content-signal",
}
_LINE_END = re.compile(r"\r\n|\r|\n")
_PRODUCT = re.compile(r"[A-Za-z_-]+")  # RFC 9309 §2.2.1
_SIGNAL = re.compile(r"([a-z][a-z0-9-]{0,40})\s*=\s*(yes|no)(?![a-z0-9-])")
_ALL = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """An allow or disallow line."""

    pattern: Pattern
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class Signal:
    """What one Content-Signal line says of the addresses under a pattern."""

    pattern: Pattern
    name: str  # "ai-train", "ai-input", "search", …
    is_allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsTxt:
    """What a robots.txt says to one crawler; without rules everything is allowed."""

    rules: tuple[Rule, ...] = field(default=(), repr=False)
    signals: tuple[Signal, ...] = ()
    sitemaps: tuple[str, ...] = ()
    crawl_delay_s: float | None = None  # bounded by LONGEST_CRAWL_DELAY_S

    def allows(self, url: str) -> bool:
        """Whether an address of the file's host may be fetched: by the longest pattern, of two by the allowing one."""
        path = comparable(url)
        if not self.rules or path == ROBOTS_PATH:
            return True
        longest = max(
            ((rule.pattern.octets, rule.is_allowed) for rule in self.rules if rule.pattern.matches(path)),
            default=(0, True),
        )
        return longest[1]

    def content_signals(self, url: str) -> str:
        """What the file says of the use of an address's content: of each signal by the longest pattern, of two "no".

        >>> parse_robots(b"User-agent: *\\nContent-Signal: search=yes, ai-train=no", "x").content_signals("/a")
        'ai-train=no, search=yes'
        """
        path = comparable(url)
        said: dict[str, tuple[int, bool]] = {}
        for signal in self.signals:
            if signal.pattern.matches(path):
                weight = signal.pattern.octets, not signal.is_allowed
                said[signal.name] = max(said.get(signal.name, weight), weight)
        return ", ".join(f"{name}={'no' if is_no else 'yes'}" for name, (_, is_no) in sorted(said.items()))


@dataclass(slots=True)
class _Group:
    """What the lines say to one agent."""

    rules: list[Rule] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    crawl_delay_s: float | None = None


class _Reader:
    """Takes the lines of a file in their order; only what is said to us, or to all, is kept."""

    def __init__(self, ours: str) -> None:
        self.sitemaps: list[str] = []
        self.anyone = _Group()  # what stands before the first user-agent line; of that, signals alone have a meaning
        self._ours = ours
        self._groups: dict[str, _Group] = {}
        self._named = [self.anyone]
        self._has_rules = True  # whether the next user-agent line begins another group

    @property
    def group(self) -> _Group:
        """The group that is for us: our own, else the one for all (RFC 9309 §2.2.1)."""
        return self._groups.get(self._ours) or self._groups.get(_ALL) or _Group()

    def take(self, name: str, value: str) -> None:
        """One line."""
        if name == "user-agent":
            self._take_agent(value)
        elif name in {"allow", "disallow"}:
            self._take_rule(value, is_allowed=name == "allow")
        elif name == "sitemap" and value:
            self.sitemaps.append(value)
        elif name == "crawl-delay" and (delay_s := _delay_s(value)) is not None:
            for group in self._named:
                group.crawl_delay_s = max(delay_s, group.crawl_delay_s or 0.0)
        elif name == "content-signal":
            signals = list(_signals(value))
            for group in self._named:
                group.signals.extend(signals)

    def _take_agent(self, value: str) -> None:
        if self._has_rules:
            self._named, self._has_rules = [], False
        if (product := _product(value)) in {self._ours, _ALL}:  # groups of one agent are one group
            self._named.append(self._groups.setdefault(product, _Group()))

    def _take_rule(self, value: str, *, is_allowed: bool) -> None:
        self._has_rules = True
        if (pattern := read_pattern(value)) is not None:
            for group in self._named:
                group.rules.append(Rule(pattern, is_allowed))


def parse_robots(body: bytes, agent: str) -> RobotsTxt:
    """What a file's bytes say to the crawler with this product name; what is no line of robots.txt is passed over.

    >>> robots = parse_robots(b"User-agent: *\\nDisallow: /\\nAllow: /news/", "Dateline")
    >>> robots.allows("https://example.org/news/1"), robots.allows("https://example.org/")
    (True, False)
    """
    reader = _Reader(_product(agent))
    for name, value in _records(readable(body)):
        reader.take(name, value)
    group = reader.group
    return RobotsTxt(
        rules=tuple(dict.fromkeys(group.rules)),
        signals=(*reader.anyone.signals, *group.signals),
        sitemaps=tuple(dict.fromkeys(reader.sitemaps)),
        crawl_delay_s=group.crawl_delay_s,
    )


def counted_part(body: bytes) -> bytes:
    """What of a file counts: the whole lines within its first 500 KiB."""
    if len(body) <= MOST_BYTES:
        return body
    head = body[:MOST_BYTES]
    end = max(head.rfind(b"\n"), head.rfind(b"\r"))
    return head[: end + 1]


def readable(body: bytes) -> str:
    """A file's text: UTF-8, whatever is broken in it; UTF-16 where a byte order mark says so."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    return body.decode("utf-8-sig", "replace")


def _records(text: str) -> Iterator[tuple[str, str]]:
    """The lines that have a name and a value, comments left out (§2.2); a blank for a forgotten colon."""
    for line in _LINE_END.split(text):
        said = line.partition("#")[0].strip()
        name, colon, value = said.partition(":")
        if not colon:
            name, _, value = said.partition(" ")
        name = name.strip().lower()
        yield _NAMES.get(name, name), value.strip()


def _product(text: str) -> str:
    """The product token that a user-agent line, or our own name, begins with, in lower case."""
    if text == _ALL or text.startswith(("* ", "*\t")):
        return _ALL
    token = _PRODUCT.match(text)
    return token[0].lower() if token else ""


def _delay_s(text: str) -> float | None:
    try:
        delay_s = float(text)
    except ValueError:
        return None
    return min(delay_s, LONGEST_CRAWL_DELAY_S) if delay_s > 0 and not math.isnan(delay_s) else None


def _signals(value: str) -> Iterator[Signal]:
    """The signals of a line, which may begin with the pattern of a path."""
    path, _, rest = value.partition(" ") if value.startswith("/") else ("/", "", value)
    if pattern := read_pattern(path):
        yield from (Signal(pattern, name, said == "yes") for name, said in _SIGNAL.findall(rest.lower()))
