"""Which network addresses may be connected to: public ones, and what the operator allows by name."""

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
# not public, though Python's `is_global` says so in some versions: site-local, 6to4 relay, discard-only, local NAT64
_CLOSED = tuple(
    map(ipaddress.ip_network, ("fec0::/10", "192.88.99.0/24", "100::/64", "64:ff9b:1::/48", "2001:db8::/32"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Hosts and networks that may be connected to although their addresses are not public."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def covers(self, host: str, ip: IP) -> bool:
        """Whether the operator allowed this host by name, or this address by network."""
        return host.lower().rstrip(".") in self.hosts or any(ip in net for net in self.networks)


def parse_allowed(values: Iterable[str]) -> Allowed:
    """Host names, addresses and networks (``10.0.0.0/8``), each value one or several with commas between.

    Raises `ConfigError` for what is neither.

    >>> parse_allowed(["localhost, 127.0.0.0/8"]).networks
    (IPv4Network('127.0.0.0/8'),)
    """
    hosts, networks = set(), []
    for value in (part.strip() for text in values for part in text.split(",")):
        if not value:
            continue
        try:
            networks.append(ipaddress.ip_network(value.strip("[]"), strict=False))
        except ValueError:
            if not _HOST.match(value.lower()) or value.replace(".", "").isdigit():
                raise ConfigError(
                    f"--allow {value}: expected a host name, an address or a network such as 10.0.0.0/8, without a port"
                ) from None
            hosts.add(value.lower())
    return Allowed(hosts=frozenset(hosts), networks=tuple(networks))


def is_public(ip: IP) -> bool:
    """Whether an address belongs to the open internet, also where it wraps another (mapped, 6to4, Teredo, NAT64).

    >>> [is_public(ipaddress.ip_address(text)) for text in ("9.9.9.9", "169.254.169.254", "::ffff:10.0.0.1")]
    [True, False, False]
    """
    if any(ip in net for net in _CLOSED if net.version == ip.version):
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (inner := _carried(ip)):
        return all(map(is_public, inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local)


def why_refused(host: str, address: str, allowed: Allowed) -> str | None:
    """Why a connection to this host at this address is refused; None when it may be made.

    >>> why_refused("intranet", "10.1.2.3", parse_allowed([]))
    'intranet is at 10.1.2.3, which is not a public address (use --allow to permit it)'
    >>> why_refused("intranet", "10.1.2.3", parse_allowed(["intranet"])) is None
    True
    """
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return f"{host} is at {address!r}, which is no address"
    if allowed.covers(host, ip) or is_public(ip):
        return None
    at = f"{host} is at {ip}, which" if host != str(ip) else host
    return f"{at} is not a public address (use --allow to permit it)"


def _carried(ip: ipaddress.IPv6Address) -> list[IP]:
    inner: list[IP | None] = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if any(ip in net for net in _CARRIERS) and int(ip) > 1:
        inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return [address for address in inner if address is not None]
