"""Which addresses and ports may be connected to: public ones for the web, and what the operator allows by name."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.errors import ConfigError

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOST = re.compile(r"^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*$")
# IPv6 networks whose addresses end in an IPv4 address: translated (RFC 6052, RFC 8215), compatible (RFC 4291)
_CARRIERS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96")))
# not public, though Python's `is_global` says so in some versions: site-local, protocol assignments (a metadata service
# among them), 6to4 relay, discard-only, local NAT64, documentation, segment routing; one cloud's service for its guests
_CLOSED = tuple(
    map(
        ipaddress.ip_network,
        """fec0::/10 192.0.0.0/24 192.88.99.0/24 100::/64 64:ff9b:1::/48 2001:db8::/32 3fff::/20 5f00::/16
        168.63.129.16/32""".split(),
    )
)
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is given out of IPv6 (RFC 4291 §2.5.4)
# ports of other protocols, to whose servers a request may be a command: the Fetch standard's "bad ports", as browsers
# refuse them (https://fetch.spec.whatwg.org/#port-blocking)
CLOSED_PORTS = frozenset(
    map(
        int,
        """0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117
    119 123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601
    636 989 990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679
    6697 10080""".split(),
    )
)
_WITH_PORT = re.compile(r"(\[[^\]]+\]|[^:]+):(\d{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Hosts and networks that may be connected to although their addresses are not public; without a port, at any."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[tuple[Network, int | None], ...] = ()

    def covers(self, host: str, ip: IP, port: int | None) -> bool:
        """Whether the operator allowed this host by name, or this address by network, with this port or with all."""
        return self.names(host, ip, port) or self.names(host, ip, None)

    def names(self, host: str, ip: IP, port: int | None) -> bool:
        """Whether the operator named just this port; None for what was named without one."""
        is_named = (host.lower().rstrip("."), port) in self.hosts
        return is_named or any(port == its_port and ip in network for network, its_port in self.networks)


def parse_allowed(values: Iterable[str]) -> Allowed:
    """Host names, addresses and networks (``10.0.0.0/8``), each value one or several with commas between.

    A host or an address may have a port (``127.0.0.1:8000``, ``[::1]:8000``). Raises `ConfigError` for what is neither.

    >>> parse_allowed(["localhost:8000, 127.0.0.0/8"])
    Allowed(hosts=frozenset({('localhost', 8000)}), networks=((IPv4Network('127.0.0.0/8'), None),))
    """
    hosts, networks = set(), []
    for value in (part.strip() for text in values for part in text.split(",")):
        if not value:
            continue
        host, port = _host_and_port(value)
        try:
            networks.append((ipaddress.ip_network(host.strip("[]"), strict=False), port))
        except ValueError:
            if not _HOST.match(host.lower()) or host.replace(".", "").isdigit():
                raise ConfigError(
                    f"--allow {value}: expected a host name or an address, with or without a port, or a network such as"
                    " 10.0.0.0/8"
                ) from None
            hosts.add((host.lower(), port))
    return Allowed(hosts=frozenset(hosts), networks=tuple(networks))


def _host_and_port(value: str) -> tuple[str, int | None]:
    """What stands before a port, and the port; all of it where there is none that can be one."""
    match = _WITH_PORT.fullmatch(value)
    return (match[1], int(match[2])) if match and 0 < int(match[2]) < 65_536 else (value, None)


def is_public(ip: IP) -> bool:
    """Whether an address belongs to the open internet, also where it wraps another (mapped, 6to4, Teredo, NAT64).

    >>> [is_public(ipaddress.ip_address(text)) for text in ("9.9.9.9", "169.254.169.254", "::ffff:10.0.0.1")]
    [True, False, False]
    """
    if any(ip in net for net in _CLOSED if net.version == ip.version):
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (inner := _carried(ip)):
        return all(map(is_public, inner))
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _UNICAST:
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local)


def why_refused(host: str, address: str, port: int, allowed: Allowed) -> str | None:
    """Why a connection to this host at this address and port is refused; None when it may be made.

    >>> why_refused("intranet", "10.1.2.3", 80, parse_allowed([]))
    'intranet is at 10.1.2.3, which is not a public address (use --allow to permit it)'
    >>> why_refused("intranet", "10.1.2.3", 80, parse_allowed(["intranet"])) is None
    True
    >>> why_refused("example.org", "9.9.9.9", 25, parse_allowed([]))
    'example.org: port 25 is not one for web pages'
    """
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return f"{host} is at {address!r}, which is no address"
    if port in CLOSED_PORTS and not allowed.names(host, ip, port):
        return f"{host}: port {port} is not one for web pages"
    if allowed.covers(host, ip, port) or is_public(ip):
        return None
    at = f"{host} is at {ip}, which" if host != str(ip) else host
    return f"{at} is not a public address (use --allow to permit it)"


def _carried(ip: ipaddress.IPv6Address) -> list[IP]:
    inner: list[IP | None] = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if any(ip in net for net in _CARRIERS) and int(ip) > 1:
        inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return [address for address in inner if address is not None]
