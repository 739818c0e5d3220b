"""Addresses that lead where no crawl may go, by every way in which a page can name an address."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.items import Outcome
from tests.hostile.articles import article
from tests.hostile.case import Case, Reply

FRONT = (
    '<html><body><h1>Front</h1><a href="/news/{name}-1">The council has voted on the old bridge</a>'
    '<a href="/news/{name}-2">The harbour is to be widened in the spring</a>{more}</body></html>'
)
XML = "application/xml"

# 127.77.0.1, where the service is that no crawl may touch, in the spellings that resolvers and URL parsers know
SPELLINGS = """127.77.0.1 127.77.1 127.5046273 2135752705 0x7f4d0001 0x7f.0x4d.0x0.0x1 0177.0115.0.1 127.0x4d.1
017723200001 [::ffff:127.77.0.1] [::ffff:7f4d:1] [0:0:0:0:0:ffff:7f4d:0001] [::127.77.0.1] [64:ff9b::7f4d:1]
[64:ff9b:1::7f4d:1] [2002:7f4d:1::] [2001:0:7f4d:1::80b2:fffe]""".split()
# written as no host may be in a sources file: they can only be another site's
ODD_SPELLINGS = """127.77.0.1. １２７.77.0.1 127。77。0。1 ①②⑦.77.0.1 %31%32%37.77.0.1 127.77.0.1%00.example.org
[::ffff:127.77.0.1%25lo]""".split()
# loopback, private, link-local, shared (100.64/10), metadata services, multicast, reserved, documentation
PRIVATE = """localhost LOCALHOST localhost. 127.0.0.1 0.0.0.0 0 10.0.0.1 172.16.0.1 192.168.0.1 169.254.169.254
100.64.0.1 100.100.100.200 192.0.0.192 168.63.129.16 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255
[::1] [::] [fe80::1] [fc00::1] [fd00:ec2::254] [fec0::1] [ff02::1] [100::1]""".split()
NAMES = {
    "localhost": "127.0.0.1",
    "a.localhost": "127.0.0.1",
    "private.test": "127.77.0.1",
    "metadata.test": "169.254.169.254",
    "metadata-six.test": "fd00:ec2::254",
    "six.test": "::1",
    "mapped.test": "::ffff:127.77.0.1",
    "translated.test": "64:ff9b::7f4d:1",
    "shared.test": "100.64.0.1",
    "everywhere.test": "0.0.0.0",  # noqa: S104
}
SCHEMES = (
    "file:///etc/passwd",
    "file://{host}/etc/passwd",
    "ftp://{host}:{port}/news/a",
    "data:text/html,<p>an article",
    "javascript:alert(1)",
    "s3://bucket/news/a",
    "gopher://{host}:{port}/1",
    "view-source:{base}/news/a",
    "blob:{base}/news/a",
    "http:///news/a",
    "http://:80/",
    "http://[",
    "http://{host}:99999/",
    "http://{host}:0/",
)
PORTS = (1, 22, 25, 110, 143, 587, 993, 2049, 5060, 6000, 6667, 10080)
SECRET = "hunter2-is-not-for-you"  # noqa: S105  nobody's
LOGIN = f"http://reader:{SECRET}@{{host}}:{{port}}"


def _addresses(hosts: Iterable[str], name: str) -> list[str]:
    return [f"http://{host}:{{port}}/news/the-bridge-of-{name}-{number}" for number, host in enumerate(hosts)]


def _all(addresses: Iterable[str], end: Outcome | None) -> dict[str, Outcome | None]:
    return dict.fromkeys(addresses, end)


def _own(hosts: Iterable[str]) -> tuple[str, ...]:
    """Hosts as a sources file calls them a site's own."""
    return tuple(dict.fromkeys(host.strip("[]").rstrip(".").lower() for host in hosts))


def _feed(*links: str, more: str = "") -> Reply:
    items = "".join(f"<item><link>{link}</link></item>" for link in links)
    return Reply(kind="application/rss+xml", body=f'<rss version="2.0"><channel>{more}{items}</channel></rss>')


def _leading(name: str, targets: Iterable[str], way: str) -> dict[str, Reply]:
    """Pages that lead to these addresses, each by its path."""
    replies = {}
    for number, target in enumerate(targets):
        if way == "redirect":
            reply = Reply(status=302, headers={"Location": target.encode("utf-8").decode("latin-1")})
        else:
            reply = Reply(body=f'<html><head><meta http-equiv="refresh" content="0; url={target}"></head></html>')
        replies[f"/news/{name}-from-{number}"] = reply
    return replies


def _ways_off(way: str) -> tuple[Case, ...]:
    """Redirects, or pages that refresh, to private addresses: of a site's own and of others."""
    named = [f"http://{name}:{{port}}/news/a" for name in NAMES]
    foreign = _leading(f"{way}-foreign", _addresses((*SPELLINGS, *ODD_SPELLINGS, *PRIVATE), "a") + named, way)
    own = _leading(f"{way}-own", _addresses((*SPELLINGS, *PRIVATE), "a"), way)
    ports = _leading(f"{way}-ports", [f"http://{{host}}:{port}/news/a" for port in (0, *PORTS)], way)
    hosts = _own((*SPELLINGS, *PRIVATE))
    return (
        Case(name=f"{way}-foreign", pages=foreign, ends=_all(foreign, Outcome.REFUSED_ADDRESS), most_requests=150),
        Case(name=f"{way}-own", pages=own, ends=_all(own, Outcome.REFUSED_ADDRESS), hosts=hosts, most_requests=150),
        Case(name=f"{way}-ports", pages=ports, ends=_all(ports, Outcome.REFUSED_ADDRESS), says="not one for web pages"),
    )


def _schemes_in_front(name: str) -> str:
    links = "".join(
        f'<a href="{scheme}">What they say about it all now</a>' for scheme in (*SCHEMES, "{private}/news/a")
    )
    heads = "".join(f'<link rel="alternate" type="application/rss+xml" href="{scheme}">' for scheme in SCHEMES)
    return FRONT.replace("{name}", name).replace("{more}", links + heads)


def _with_head(name: str, head: str) -> Reply:
    """A good article's page with more in its head."""
    return Reply(body=article(name).html.replace("<body>", f"{head}<body>").replace("</head>", "") + "</html>")


_CANONICALS = {
    "private": "{private}/news/other",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "localhost": "http://localhost/",
    "file": "file:///etc/passwd",
    "script": "javascript:alert(1)",
    "login": f"{LOGIN}/news/other",
}


def _canonical(kind: str, target: str) -> Case:
    name, path = f"canonical-{kind}", f"/news/canonical-{kind}-page"
    head = f'<link rel="canonical" href="{target}"><meta property="og:url" content="{target}">'
    told = {"canonical_url": "{base}/news/other" if kind == "login" else None}
    return Case(
        name=name,
        pages={path: _with_head(path.removeprefix("/news/"), head)},
        ends={path: Outcome.SAVED},
        records={path: told},
        secret=SECRET,
    )


_INDEX = "<sitemapindex>{0}</sitemapindex>"
_TARGETS = (*_addresses((*SPELLINGS, *PRIVATE[:8]), "a"), *SCHEMES, "{private}/sitemap.xml")


def _sitemap(tag: str, addresses: Iterable[str]) -> str:
    return "".join(f"<{tag}><loc>{address.replace('<', '&lt;')}</loc></{tag}>" for address in addresses)


FINDING = (
    Case(
        name="robots-sitemaps",
        start="/",
        pages={
            "/": Reply(body=_schemes_in_front("robots-sitemaps")),
            "/robots.txt": Reply(
                kind="text/plain",
                body="".join(
                    f"Sitemap: {target}\n" for target in (*_TARGETS, f"{LOGIN}/own.xml", "{base}/own.xml", "own")
                ),
            ),
            "/own.xml": Reply(kind=XML, body=f"<urlset>{_sitemap('url', _TARGETS)}</urlset>"),
        },
        secret=SECRET,
        most_requests=30,
    ),
    Case(
        name="sitemap-children",
        start="/sitemap.xml",
        pages={
            "/sitemap.xml": Reply(
                kind=XML,
                body=f"<sitemapindex>{_sitemap('sitemap', (*_TARGETS, '{base}/own.xml'))}</sitemapindex>",
            ),
            "/own.xml": Reply(
                kind=XML,
                body=f"<urlset>{_sitemap('url', ('{base}/news/sitemap-children-1', *_TARGETS))}"
                f"{_sitemap('url', ['{base}/news/sitemap-children-2'])}</urlset>",
            ),
        },
        hosts=_own(SPELLINGS),
        ends=_all(_TARGETS[: len(SPELLINGS)], Outcome.REFUSED_ADDRESS),
        most_requests=30,
    ),
    Case(
        name="feed-next-private",
        pages={
            "/feed.xml": _feed(
                "{base}/news/feed-next-private-1",
                "{base}/news/feed-next-private-2",
                more='<link xmlns="http://www.w3.org/2005/Atom" rel="next" href="{private}/feed.xml"/>',
            )
        },
        hosts=("127.77.0.1",),
    ),
    Case(
        name="list-next-private",
        start="/",
        pages={
            "/": Reply(
                body=FRONT.replace("{name}", "list-next-private").replace("{more}", "")
                + '<link rel="next" href="{private}/page/2">'
            )
        },
        hosts=("127.77.0.1",),
    ),
    Case(
        name="private-start",
        start="http://127.77.0.1:{port}/",
        good=0,
        is_failing=True,
        says="not a public address",
    ),
    Case(
        name="private-name-start",
        start="http://a.private.test:{port}/feed.xml",
        names={"a.private.test": "127.77.0.1"},
        good=0,
        is_failing=True,
        says="not a public address",
    ),
)

ENTRIES = (
    Case(
        name="feed-own",
        hosts=_own((*SPELLINGS, *PRIVATE)),
        ends=_all(_addresses((*SPELLINGS, *PRIVATE), "own"), Outcome.REFUSED_ADDRESS),
        says="not a public address",
    ),
    Case(
        name="feed-foreign",
        named=_addresses((*SPELLINGS, *ODD_SPELLINGS, *PRIVATE), "foreign"),
        ends=_all(_addresses((*SPELLINGS, *ODD_SPELLINGS, *PRIVATE), "foreign"), None),
    ),
    Case(
        name="feed-names",
        names=NAMES,
        hosts=tuple(NAMES),
        ends=_all(_addresses(NAMES, "a"), Outcome.REFUSED_ADDRESS),
        says="not a public address",
    ),
    Case(name="feed-schemes", named=SCHEMES, ends=_all(SCHEMES, None)),
    Case(
        name="feed-ports",
        ends=_all((f"http://{{host}}:{port}/news/a" for port in PORTS), Outcome.REFUSED_ADDRESS),
        says="not one for web pages",
    ),
    Case(
        name="credentials",
        pages={
            "/news/credentials-a": Reply(body=article("credentials-a").html, is_literal=True),
            "/news/credentials-b": Reply(body=article("credentials-b").html, is_literal=True),
            "/news/credentials-b-before": Reply(status=301, headers={"Location": f"{LOGIN}/news/credentials-b"}),
            "/news/credentials-c-before": _leading("", [f"{LOGIN}/news/credentials-c"], "refresh")["/news/-from-0"],
            "/news/credentials-c": Reply(body=article("credentials-c").html, is_literal=True),
        },
        named=(f"{LOGIN}/news/credentials-a", "/news/credentials-b-before", "/news/credentials-c-before"),
        ends=_all((f"/news/credentials-{letter}" for letter in "abc"), Outcome.SAVED),
        secret=SECRET,
    ),
)

_SCHEME_REDIRECTS = _leading("redirect-schemes", SCHEMES[:9], "redirect")
_SCHEME_REFRESHES = {
    f"/news/refresh-schemes-from-{number}": _with_head(
        f"refresh-schemes-from-{number}", f'<meta http-equiv="refresh" content="0; url={scheme}">'
    )
    for number, scheme in enumerate((*SCHEMES[:9], *SCHEMES[11:-1], "http://[::1", ""))
}

LEADING = (
    *_ways_off("redirect"),
    *_ways_off("refresh"),
    Case(name="redirect-schemes", pages=_SCHEME_REDIRECTS, ends=_all(_SCHEME_REDIRECTS, Outcome.HTTP_STATUS)),
    Case(name="refresh-schemes", pages=_SCHEME_REFRESHES, ends=_all(_SCHEME_REFRESHES, Outcome.SAVED)),
)

CASES = (*FINDING, *ENTRIES, *LEADING, *(_canonical(kind, target) for kind, target in _CANONICALS.items()))
