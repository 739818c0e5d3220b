"""Which addresses are the same page, and which belong to the same site: pure functions of the address."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from courlan.clean import TRACKERS_RE
from tldextract import TLDExtract
from w3lib.url import canonicalize_url

# names that courlan does not know: campaign, share and session marks of common analytics and content systems
_TRACKING = frozenset(
    """_hsenc _hsmi _openstat cmp cmpid cndid epik ftag guccounter icid igsh mkt_tok ncid ns_campaign ns_mchannel
    ns_source ocid s_kwcid sc_campaign smid smtyp social spm sr_share trk wickedid wt_mc wtmc
    phpsessid jsessionid aspsessionid sessid""".split()
)
# names that courlan takes for trackers and that carry an article's number on some sites: kept where the value is one
_NUMBERED = frozenset({"cid", "eid", "uid", "ref", "source", "keyword", "refid", "sourceid"})
_AMP_NAMES = frozenset({"amp", "outputtype", "output"})
_AMP_VALUES = frozenset({"", "1", "true", "amp"})
_HOST_PREFIX = re.compile(r"^(?:(?:www|amp|m|mobile)\.)+(?=[^.]+\.[^.])")
_AMP_PATH = re.compile(r"/+amp/*$|\.amp(?=\.html?$)|\.amp$|^/+amp(?=/+[^/])", re.IGNORECASE)
_BREAK = re.compile(r"\s*[\t\r\n]\s*")
_USER = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/?#]*@", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/?;]*", re.IGNORECASE)

# the public suffix list that ships with tldextract; never fetched, never written
_suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=4096)  # asked for several times on an address's way, and slow
def canonical_key(url: str) -> str:
    """One text for all spellings of a page's address; for comparing, not for fetching.

    Scheme, ``www.``, default ports, user, fragment, tracking and session marks, dot segments, the order of the query,
    a closing slash and the marks of a mobile or AMP twin make no difference. What cannot be parsed is its own key.

    >>> canonical_key("HTTP://www.Example.org:80/a/./b/?utm_source=x&id=7&amp#top")
    'https://example.org/a/b?id=7'
    >>> canonical_key("https://amp.example.org/a/b.amp.html") == canonical_key("http://example.org/a/b.html")
    True
    """
    try:
        parts = urlsplit(canonicalize_url(url.strip()))
        host, port = _bare_host(parts.hostname or ""), parts.port
    except ValueError:
        return url.strip()
    if not host or parts.scheme not in {"http", "https"}:
        return url.strip()
    netloc = host if port in {None, 80, 443} else f"{host}:{port}"
    return urlunsplit(("https", netloc, _bare_path(parts.path), _bare_query(parts.query), ""))


def address_digest(url: str) -> bytes:
    """8 bytes that all spellings of an address share, to tell an article's addresses apart."""
    return blake2b(canonical_key(url).encode("utf-8", "backslashreplace"), digest_size=16).digest()[:8]


def without_tracking(url: str) -> str:
    """An address as it is fetched: what tells only how the reader came is left out, the rest stands as written.

    >>> without_tracking("https://example.org/a?utm_source=rss&id=7#top")
    'https://example.org/a?id=7'
    """
    address, _, query = url.partition("#")[0].partition("?")
    kept = [argument for argument in query.split("&") if argument and not _is_trace(argument)]
    return f"{address}?{'&'.join(kept)}" if kept else address


def web_address(base: str, href: object) -> str | None:
    """An http(s) address made absolute against its page's; None for what is no such address, or no text.

    White space is treated as browsers do: none at the ends, none where a line breaks, ``%20`` elsewhere. A user and a
    password are left out.

    >>> web_address("https://example.org/news/", " ../a b.jpg "), web_address("", "http://example.org:8080/#c")
    ('https://example.org/a%20b.jpg', 'http://example.org:8080/#c')
    >>> [web_address("https://example.org/", href) for href in ("mailto:a@b.c", "//[", "//a:0/", "http://.", "", 1)]
    [None, None, None, None, None, None]
    """
    text = _BREAK.sub("", href.strip()).replace(" ", "%20") if isinstance(href, str) else ""
    try:
        url = urljoin(base, text) if text else ""
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(host_of(url)) and parts.port != 0
    except ValueError:  # raised by a bad host, and by a port that is no number
        return None
    return without_user(url) if is_web else None


def without_user(url: str) -> str:
    """An address without the user and password that it may name: they are never sent, and no record of ours holds them.

    >>> without_user("https://reader:secret@example.org:8080/a@b"), without_user("https://example.org/@a")
    ('https://example.org:8080/a@b', 'https://example.org/@a')
    """
    return _USER.sub(r"\1", url)


def port_of(url: str) -> int:
    """The port that an address is asked at; 0 where it has none that can be one.

    >>> port_of("https://example.org/"), port_of("http://example.org:8080/"), port_of("http://example.org:x/")
    (443, 8080, 0)
    """
    try:
        parts = urlsplit(url)
        return {"http": 80, "https": 443}.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        return 0


def registrable_domain(url: str) -> str:
    """The domain that its owner registered; of an IP address or a name without a suffix, the host itself.

    >>> registrable_domain("https://news.example.co.uk:8080/x"), registrable_domain("http://[::1]:80/")
    ('example.co.uk', '::1')
    """
    host = host_of(url)
    if is_ip(host):
        return host
    return _suffixes(host).top_domain_under_public_suffix or host


def site_of(url: str) -> str:
    """Whose page it is: the registrable domain; of an IP address or a name without a suffix, host and port.

    Hosts below a shared suffix, such as two blogs of one provider, are two sites. Empty if there is no host.

    >>> site_of("https://news.example.co.uk:8080/a"), site_of("https://one.blogspot.com/"), site_of("//[::1]:8000/")
    ('example.co.uk', 'one.blogspot.com', '[::1]:8000')
    """
    host = host_of(url)
    if host and (is_ip(host) or not _suffixes(host).suffix):
        try:
            port = urlsplit(url).port
        except ValueError:
            return ""
        return f"{_bare_host(host)}:{port}" if port not in {None, 80, 443} else _bare_host(host)
    return registrable_domain(url)


def host_of(url: str) -> str:
    """The host of an address in lower case, without port, brackets or a closing dot; empty if there is none.

    >>> host_of("https://Example.org.:443/"), host_of("no address")
    ('example.org', '')
    """
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_ip(host: str) -> bool:
    """Whether a host is written as an IP address.

    >>> is_ip("127.0.0.1"), is_ip("::1"), is_ip("example.org")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _bare_host(host: str) -> str:
    host = host.rstrip(".")
    return f"[{host}]" if ":" in host else _HOST_PREFIX.sub("", host)


def _bare_path(path: str) -> str:
    before = None
    while path != before:  # one mark may hide another: "/a.amp/amp"
        before = path
        path = _AMP_PATH.sub("", _SESSION.sub("", re.sub(r"/{2,}", "/", path)).rstrip("/"))
    return path or "/"


def _bare_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    return urlencode([pair for pair in pairs if not _is_mark(*pair)], errors="surrogateescape")


def _is_trace(argument: str) -> bool:
    name, _, value = argument.partition("=")
    return name.lower() not in _AMP_NAMES and _is_mark(name, value)


def _is_mark(name: str, value: str) -> bool:
    """Whether a query argument says how the reader came, not what the page is."""
    name = name.lower()
    if name in _AMP_NAMES:
        return value.lower() in _AMP_VALUES
    if name in _TRACKING:
        return True
    match = TRACKERS_RE.search(name)
    if not match:
        return False
    whole_word = match.end() == len(name) or name[match.end() - 1] == "_" or not name[match.end()].isalpha()
    return whole_word and not (name in _NUMBERED and value.isdigit())
