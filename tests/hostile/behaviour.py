"""Servers that send a crawler in circles, show it something else than was asked for, or fail it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler

from crawler.items import Outcome
from tests.hostile.articles import article
from tests.hostile.case import FEED, Case, Reply


def _to(location: str, status: int = 302, **headers: str) -> Reply:
    return Reply(status=status, headers={"Location": location, **headers})


def _page(title: str, *paragraphs: str, status: int = 200, **headers: str) -> Reply:
    """A page that is no article, and does not call itself one."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    html = f"<!doctype html><html lang=en><title>{title}</title><main><h1>{title}</h1>{body}</main></html>"
    return Reply(body=html, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def _html(name: str, head: str = "") -> Reply:
    """The page of an article."""
    return Reply(body=article(name).html.replace("</head>", f"{head}</head>"))


def _feed(paths: Sequence[str]) -> Reply:
    items = "".join(f"<item><link>{{base}}{path.replace('&', '&amp;')}</link></item>" for path in paths)
    return Reply(body=f'<rss version="2.0"><channel>{items}</channel></rss>', kind="application/rss+xml")


def _front(name: str, more: str) -> Reply:
    """A front page that links to the good articles, and to more."""
    goods = "".join(
        f'<h2><a href="/news/{name}-{n}">{article(f"{name}-{n}").title}</a></h2><p>In short.</p>' for n in (1, 2)
    )
    return Reply(body=f"<!doctype html><title>Outlet</title><body>{goods}{more}</body>")


def _hangs_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def _chain(length: int) -> dict[str, Reply]:
    """So many redirects, and an article at their end."""
    path = f"/news/redirects-{length}"
    steps = {f"{path}-step-{n}": _to(f"{path}-step-{n + 1}") for n in range(length - 1)}
    return steps | {f"{path}-step-{length - 1}": _to(f"{path}-end"), f"{path}-end": _html(f"redirects-{length}-end")}


_ticket = itertools.count()


def _session(path: str) -> Reply | None:
    """A front page and articles whose links have another session in them each time that they are asked for."""
    page = path.partition(";")[0].partition("?")[0]
    if page == "/":
        n = next(_ticket)
        return _front("sessions", f'<a href="/;jsessionid={n}A">Home</a><a href="/world/?sid={n}">World news</a>')
    if page == "/world/":
        n = next(_ticket)
        return _page("World", f'<a href="/world/?sid={n}">World</a> <a href="/world/;jsessionid={n}B">Again</a>')
    return None


def _calendar(path: str) -> Reply | None:
    """A page for each month, until the end of time."""
    if path == "/":
        return _front("calendar", '<a href="/calendar/2025/01/">Calendar</a>')
    parts = path.strip("/").split("/")
    if parts[0] != "calendar" or len(parts) != 3:
        return None
    months = int(parts[1]) * 12 + int(parts[2])
    months = [f"{n // 12}/{n % 12 + 1:02}" for n in (months, months - 2)]
    return _page("Calendar", *(f'<a rel=next href="/calendar/{month}/">{month}</a>' for month in months))


def _facets(path: str) -> Reply | None:
    colours, sizes, orders = ("red", "blue", "green", "white"), range(8), ("new", "old", "best")
    links = "".join(
        f'<a href="/archive/?color={colour}&amp;size={size}&amp;order={order}">{colour} {size}</a> '
        for colour, size, order in itertools.product(colours, sizes, orders)
    )
    if path == "/":
        return _front("facets", links)
    return _page("Archive", links) if path.startswith("/archive/") else None


_SPELLED = "/news/spellings-9"
_SPELLINGS = (
    _SPELLED,
    *(f"{_SPELLED}?utm_source={n}&utm_medium=feed" for n in range(20)),
    *(f"{_SPELLED}?fbclid={n}" for n in range(10)),
    *(f"{_SPELLED}#part-{n}" for n in range(10)),
    f"{_SPELLED}/",
    "/news/../news/./spellings-9",
    f"/{_SPELLED}",
    f"{_SPELLED};jsessionid=A1",
    f"{_SPELLED}?amp",
    f"{_SPELLED}/amp/",
    f"/amp{_SPELLED}",
)
_SELF = "<link rel=canonical href={base}" + _SPELLED + ">"

_STAND_INS = {
    "consent": (
        _page(
            "Before you continue",
            "We and our partners use cookies to store and access information on your device.",
            "You can accept all cookies or reject all. Manage your preferences and see our cookie policy.",
        ),
        Outcome.BLOCKED,
    ),
    "login": (
        _page("Log in", "Please log in or create an account to read this article.", "Forgot your password?"),
        Outcome.NOT_AN_ARTICLE,
    ),
    "challenge": (
        _page("Just a moment...", "Checking your browser before you go on. Enable JavaScript and cookies to continue."),
        Outcome.BLOCKED,
    ),
    "denied": (
        _page("Access denied", "You don't have permission to access this page. Your request has been blocked."),
        Outcome.BLOCKED,
    ),
    "missing": (
        _page("Page not found", "Sorry, the page you are looking for could not be found."),
        Outcome.SOFT_404,
    ),
    "broken": (
        _page("Internal server error", "Something went wrong on our side. Please try again later."),
        Outcome.SOFT_404,
    ),
    "forbidden": (_page("Forbidden", "No.", status=403), Outcome.HTTP_STATUS),
    "to-front": (_to("/"), Outcome.SOFT_404),
    "to-missing": (_to("/not-found"), Outcome.SOFT_404),
    "to-cookie": (_to("/news/stand-ins-to-cookie-9", Set_Cookie="seen=1"), Outcome.HTTP_STATUS),
}


def _paths(name: str) -> str:
    return f"/news/stand-ins-{name}-9"


CASES = (
    Case(
        name="redirects",
        pages={
            **_chain(5),
            **_chain(6),
            "/news/redirects-round": _to("/news/redirects-again"),
            "/news/redirects-again": _to("/news/redirects-round"),
            "/news/redirects-away": _to("{private}/news/redirects-away"),
            FEED: _feed(
                (
                    "/news/redirects-1",
                    "/news/redirects-5-step-0",
                    "/news/redirects-6-step-0",
                    "/news/redirects-round",
                    "/news/redirects-away",
                    "/news/redirects-2",
                )
            ),
        },
        holds={"/news/redirects-5-end": article("redirects-5-end")},
        ends={
            "/news/redirects-6-step-0": Outcome.HTTP_STATUS,
            "/news/redirects-round": Outcome.HTTP_STATUS,
            "/news/redirects-away": Outcome.REFUSED_ADDRESS,
        },
    ),
    Case(
        name="stand-ins",
        pages={
            **{_paths(name): reply for name, (reply, _) in _STAND_INS.items()},
            "/not-found": _page("Not found", "We could not find that page. It may have been moved or deleted."),
            "/": _front("stand-ins", ""),
        },
        ends={_paths(name): outcome for name, (_, outcome) in _STAND_INS.items()},
    ),
    # each a host of its own: one that is busy time and again is left alone with all that it has
    Case(
        name="busy",
        pages={"/news/busy-9": _page("Busy", "Slow down.", status=429, Retry_After="0")},
        ends={"/news/busy-9": Outcome.DEFERRED},
    ),
    Case(
        name="down",
        pages={"/news/down-9": _page("Down", "Back soon.", status=503, Retry_After="0")},
        ends={"/news/down-9": Outcome.DEFERRED},
    ),
    Case(name="sessions", start="/", endless=_session, most_requests=25),
    Case(name="calendar", start="/", endless=_calendar, most_requests=40),
    Case(name="facets", start="/", endless=_facets, most_requests=20),
    Case(
        name="spellings",
        pages={
            FEED: _feed(("/news/spellings-1", *_SPELLINGS, "/news/spellings-2")),
            **{spelling.partition("#")[0]: _html("spellings-9", _SELF) for spelling in _SPELLINGS},
        },
        holds={_SPELLED: article("spellings-9")},
        most_requests=12,
    ),
    Case(
        name="dying",
        pages={f"/news/dying-{n}-9": _hangs_up for n in ("one", "two")},
        ends={f"/news/dying-{n}-9": Outcome.UNREACHABLE for n in ("one", "two")},
    ),
    Case(
        name="self-signed",
        certificate="self-signed",
        ends={"{tls}/news/self-signed-over-tls": Outcome.DEFERRED},
        says="certificate is not valid",
    ),
    Case(
        name="expired",
        certificate="expired",
        ends={"{tls}/news/expired-over-tls": Outcome.DEFERRED},
        says="certificate is not valid",
    ),
    Case(name="no-tls", ends={"{tls}/news/no-tls-on-this-port": Outcome.DEFERRED}),
    Case(
        name="busy-for-seconds",
        pages={
            "/news/busy-for-seconds-9": (
                Reply(status=429, headers={"Retry-After": "5"}),
                _html("busy-for-seconds-9"),
            )
        },
        holds={"/news/busy-for-seconds-9": article("busy-for-seconds-9")},
    ),
    Case(
        name="busy-for-a-day",
        good=0,  # what is asked after it is left to a later run, too
        pages={"/news/busy-for-a-day-9": Reply(status=429, headers={"Retry-After": "86400"})},
        ends={"/news/busy-for-a-day-9": Outcome.DEFERRED},
        says="come back in 86400 s",
    ),
)
