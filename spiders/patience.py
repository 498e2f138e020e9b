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
REST_SECONDS = 600.0
MAX_REST_SECONDS = 86400.0
NO_CONNECTION = (CannotResolveHostError, DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError)


class Patience(RetryMiddleware):
    """Scrapy's retries, not before the time that Retry-After names; later than a minute is not for this crawl."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # without the old spider argument
        """A request to try again, or the response as it is."""
        asked = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
        if response.status not in (429, 503) or not (asked.isascii() and asked.isdigit()):
            return super().process_response(request, response)
        if len(asked) > 3 or int(asked) > MAX_RETRY_AFTER_SECONDS:
            seconds = min(float(asked), MAX_REST_SECONDS)
            spider: Any = self.crawler.spider
            spider.tally.rest(request.meta["download_slot"], seconds, f"HTTP {response.status}, Retry-After: {asked[:12]}")
            return response
        hold(self.crawler, request, float(asked))
        return super().process_response(request, response)


class GiveUp:
    """Downloader middleware: a host to which nothing connects is left alone, as is one that asked for it in an earlier run.

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
        if why := getattr(self._crawler.spider, "resting", {}).get(host):
            raise Unavailable(why)
        if self._failures.get(host, 0) >= FAILURES_BEFORE_GIVING_UP:
            raise Unavailable(f"given up after {FAILURES_BEFORE_GIVING_UP} failed connections in a row ({self._last[host]})")

    def process_response(self, request: Request, response: Response) -> Response:
        """Any answer at all sets the count back."""
        host = request.meta["download_slot"]
        self._failures.pop(host, None)
        if response.status not in (429, 503):
            self._crawler.spider.tally.greet(host)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count what did not connect; a page that is too large came from a host that answers."""
        if isinstance(exception, NO_CONNECTION):
            host = request.meta["download_slot"]
            self._failures[host] = self._failures.get(host, 0) + 1
            self._last[host] = explain(exception, self._crawler.settings)
            if self._failures[host] == FAILURES_BEFORE_GIVING_UP:
                self._crawler.spider.tally.rest(host, REST_SECONDS, self._last[host])
