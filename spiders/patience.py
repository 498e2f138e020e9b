"""Retries that wait as long as the site asks, and hosts that are left alone once nothing connects."""

from typing import Any

from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import Request, Response

from spiders.failure import Unavailable, explain
from spiders.throttle import hold

MAX_RETRY_AFTER_SECONDS = 60
FAILURES_BEFORE_GIVING_UP = 5
NO_CONNECTION = (CannotResolveHostError, DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError)


class Patience(RetryMiddleware):
    """Scrapy's retries, not before the time that Retry-After names; later than a minute is not for this crawl."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # without the old spider argument
        """A request to try again, or the response as it is."""
        asked = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
        if response.status not in (429, 503) or not (asked.isascii() and asked.isdigit()):
            return super().process_response(request, response)
        if len(asked) > 3 or int(asked) > MAX_RETRY_AFTER_SECONDS:
            return response
        hold(self.crawler, request, float(asked))
        return super().process_response(request, response)


class GiveUp:
    """Downloader middleware: a host to which nothing connects is left alone for this run.

    It stands nearer to the network than the retries, so that it sees every attempt.
    """

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._failures: dict[str, int] = {}
        self._last: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Any) -> "GiveUp":
        """Scrapy calls this."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises Unavailable once a host has failed too often in a row."""
        host = request.meta["download_slot"]
        if self._failures.get(host, 0) >= FAILURES_BEFORE_GIVING_UP:
            raise Unavailable(f"given up after {FAILURES_BEFORE_GIVING_UP} failed connections in a row ({self._last[host]})")

    def process_response(self, request: Request, response: Response) -> Response:
        """Any answer at all sets the count back."""
        self._failures.pop(request.meta["download_slot"], None)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count what did not connect; a page that is too large came from a host that answers."""
        if isinstance(exception, NO_CONNECTION):
            host = request.meta["download_slot"]
            self._failures[host] = self._failures.get(host, 0) + 1
            self._last[host] = explain(exception, self._crawler.settings)
