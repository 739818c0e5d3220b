"""Why a request gave no page, as errors with a name, and the outcome that each of them ends an address with."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.spidermiddlewares.httperror import HttpError

from crawler.items import Outcome


class NotFetched(IgnoreRequest):
    """A request that was not made, or not made again, for a reason of our own."""

    outcome = Outcome.DEFERRED


class RobotsForbidden(NotFetched):
    """robots.txt does not allow this address."""

    outcome = Outcome.ROBOTS


class LeftForLater(NotFetched):
    """The host, or its robots.txt, asks for patience that this run does not have."""


class RefusedAddress(NotFetched):
    """The address may not be connected to."""

    outcome = Outcome.REFUSED_ADDRESS


class TooBig(NotFetched):
    """The answer has more bytes than one may have."""

    outcome = Outcome.TOO_BIG


class OffSite(NotFetched):
    """A redirect led away from the site."""

    outcome = Outcome.REFUSED_ADDRESS


_UNREACHABLE = (
    (CannotResolveHostError, "host not found"),
    (DownloadConnectionRefusedError, "connection refused"),
    (ResponseDataLossError, "the connection broke off"),
    (DownloadFailedError, "the connection failed"),
)


def outcome_of(error: BaseException) -> tuple[Outcome, str]:
    """The outcome and a short text for whatever a request's errback was given."""
    if isinstance(error, NotFetched):
        return error.outcome, str(error)
    if isinstance(error, HttpError):
        return Outcome.HTTP_STATUS, str(error.response.status)
    if isinstance(error, DownloadTimeoutError):
        return Outcome.TIMEOUT, "no complete answer in time"
    # Scrapy cancels a download over DOWNLOAD_MAXSIZE, and ignores one that grows over it when unpacked
    if isinstance(error, DownloadCancelledError) or "DOWNLOAD_MAXSIZE" in str(error):
        return Outcome.TOO_BIG, "more bytes than the limit"
    if isinstance(error, IgnoreRequest) and "redirections" in str(error):
        return Outcome.HTTP_STATUS, "too many redirects"
    if isinstance(error, (UnsupportedURLSchemeError, NotSupported)):
        return Outcome.REFUSED_ADDRESS, "neither http nor https"
    why = next((text for kind, text in _UNREACHABLE if isinstance(error, kind)), type(error).__name__)
    return Outcome.UNREACHABLE, f"{why}{_certificate(error)}"


def status_of(error: BaseException | None) -> int | None:
    """The HTTP status that a request failed with, where that is why."""
    return error.response.status if isinstance(error, HttpError) else None


def _certificate(error: BaseException) -> str:
    return " (its certificate is not valid)" if "certificate verify failed" in f"{error!r} {error.__cause__!r}" else ""
