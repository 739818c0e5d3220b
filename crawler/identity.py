"""Which addresses are the same page, and which belong to the same site: pure functions of the address."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from courlan.clean import TRACKERS_RE
from tldextract import TLDExtract
from w3lib.url import canonicalize_url

LONGEST_ADDRESS = 8_000  # characters; RFC 9110 §4.1: what everybody should be able to read

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
_AMP_START = re.compile(r"^(?:/amp)+(?=/[^/])", re.IGNORECASE)
_AMP_END = ("/amp", ".amp")
_PAGE_FILE = re.compile(r"\.html?$", re.IGNORECASE)
_ENDS = "".join(chr(code) for code in range(0x3001) if code < 0x20 or chr(code).isspace())
_BREAK = re.compile(r"(?<!\s)\s*[\t\r\n]\s*")  # no run of white space is looked at twice
_UNWRITTEN = re.compile("[\\s\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # what an address never has as such
_BRACKETED = re.compile(r"(?:[^\[\]]*@)?\[([^\[\]]*)\](?::\d*)?")  # RFC 3986 §3.2.2: nothing else in brackets
_USER = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/?#]*@", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/?;]*", re.IGNORECASE)

# the public suffix list that ships with tldextract; never fetched, never written
_suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=4096)  # asked for several times on an address's way, and slow
def canonical_key(url: str) -> str:
    """One text for all spellings of a page's address; for comparing, not for fetching.

    Scheme, ``www.``, default ports, user, fragment, tracking and session marks, dot segments, the order of the query,
    a closing slash and the marks of a mobile or AMP twin make no difference. What cannot be parsed, or is longer than
    any honest address (and might hold marks without end), is its own key.

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
    """An http(s) address made absolute against its page's; None for what is no such address, too long, or no text.

    White space is treated as browsers do: none at the ends, none where a line breaks, ``%20`` elsewhere. Controls and
    white space of other kinds are written as their UTF-8, a lone surrogate as that of U+FFFD. A user and a password are
    left out.

    >>> web_address("https://example.org/news/", " ../a b.jpg "), web_address("", "HTTP://example.org:8080/#c")
    ('https://example.org/a%20b.jpg', 'http://example.org:8080/#c')
    >>> web_address("https://example.org/", "/a\\u3000b\\ud800")
    'https://example.org/a%E3%80%80b%EF%BF%BD'
    >>> [web_address("https://example.org/", href) for href in ("mailto:a@b.c", "//[", "//a:0/", "http://.", "", 1)]
    [None, None, None, None, None, None]
    """
    text = _UNWRITTEN.sub(_written, _BREAK.sub("", href.strip(_ENDS))) if isinstance(href, str) else ""
    try:
        url = urljoin(base, text) if text else ""
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(host_of(url)) and parts.port != 0
    except ValueError:  # raised by a bad host, and by a port that is no number
        return None
    if not is_web or len(url) > LONGEST_ADDRESS or not _is_netloc(parts.netloc):
        return None
    return without_user(parts.scheme + url[len(parts.scheme) :])  # the scheme in lower case


def _written(match: re.Match[str]) -> str:
    character = match[0]
    return quote("\ufffd" if "\ud800" <= character <= "\udfff" else character)


def _is_netloc(netloc: str) -> bool:
    """Whether brackets in it, which some versions of urlsplit let through anywhere, hold an IP address."""
    if "[" not in netloc and "]" not in netloc:
        return True
    bracketed = _BRACKETED.fullmatch(netloc)
    return bracketed is not None and is_ip(bracketed[1]) and "%" not in bracketed[1]  # a zone is its machine's own


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


@lru_cache(maxsize=1024)  # a page asks for its own again and again
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
    if not host.isascii():  # its dots were too many for IDNA
        with suppress(UnicodeError):
            host = host.encode("idna").decode("ascii")
    return f"[{host}]" if ":" in host else _HOST_PREFIX.sub("", host)


def _bare_path(path: str) -> str:
    path = _AMP_START.sub("", _without_dots(re.sub(r"/{2,}", "/", _SESSION.sub("", path))))
    before = None
    while path != before:  # one mark may hide another: "/a.amp/amp"
        before = path
        path = _bare_end(_without_amp(path.rstrip("/")))
    return path


def _without_dots(path: str) -> str:
    """The path without dot segments (RFC 3986 §5.2.4), which a session mark behind the dots had hidden."""
    if "/." not in path:
        return path
    parts, kept = path.split("/")[1:], list[str]()
    for part in parts:
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    return "/" + "/".join([*kept, ""] if parts[-1] in {".", ".."} else kept)


def _without_amp(path: str) -> str:
    if file := _PAGE_FILE.search(path):
        stem = path[: file.start()]
        while stem[-4:].lower() == ".amp":
            stem = stem[:-4]
        return stem + file[0]
    while path[-4:].lower() in _AMP_END:
        path = path[:-4]
    return path


def _bare_end(path: str) -> str:
    """The path with its last part as w3lib writes one: a dot segment gone that had parameters, and empty parameters."""
    before, _, last = path.rpartition("/")
    name, mark, parameters = last.partition(";")
    if name == "..":
        before = before.rpartition("/")[0]
    if name in {".", ".."}:
        name = ""
    return f"{before}/{name}{mark if parameters else ''}{parameters}"


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
