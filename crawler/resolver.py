"""Name resolution that hands out no address which may not be connected to (TWISTED_DNS_RESOLVER)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.addresses import Allowed, parse_allowed, why_refused
from crawler.identity import host_of, port_of


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's caching resolver for IPv4 and IPv6, with every address checked at each use.

    A connection is made to the very addresses that pass here, so a redirect, a name that changes its address and an
    address in any spelling all meet the check. ``refused`` says why a host's last resolution for a port gave nothing.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int, allowed: Allowed) -> None:
        super().__init__(reactor, cache_size)
        self.allowed = allowed
        self.refused: dict[tuple[str, int], str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Built by Scrapy, from its crawler process, as the reactor starts; ConfigError for a bad DATELINE_ALLOW."""
        settings = crawler.settings
        cache_size = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        return cls(reactor, cache_size, parse_allowed(settings.getlist("DATELINE_ALLOW")))

    def resolveHostName(  # noqa: N802 (Twisted's name)
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Resolve as ever, and pass on the addresses that may be connected to."""
        receiver: Any = _OnlyAllowed(resolutionReceiver, hostName, portNumber, self)
        return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)

    def why(self, url: str) -> str | None:
        """Why the host of an address was refused at its last resolution; None where it was not."""
        return self.refused.get(_place(host_of(url), port_of(url)))


def _place(host: str, port: int) -> tuple[str, int]:
    return host.lower().rstrip("."), port


@implementer(IResolutionReceiver)
class _OnlyAllowed:
    def __init__(self, receiver: Any, host: str, port: int, resolver: GuardedResolver) -> None:
        self._receiver, self._host, self._port, self._resolver = receiver, host, port, resolver
        self._why: str | None = None
        self._is_open = False

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        why = why_refused(self._host, address.host, self._port, self._resolver.allowed)
        if why is None:
            self._is_open = True
            self._receiver.addressResolved(address)
        else:
            self._why = why

    def resolutionComplete(self) -> None:  # noqa: N802
        place = _place(self._host, self._port)
        if self._why is None or self._is_open:
            self._resolver.refused.pop(place, None)
        else:
            self._resolver.refused[place] = self._why
        self._receiver.resolutionComplete()
