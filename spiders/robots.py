"""robots.txt after RFC 9309, failing closed: a site whose rules cannot be read is not crawled."""

from typing import Any

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Request, Response
from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from spiders.failure import Unavailable, explain
from spiders.guard import Refused
from spiders.throttle import raise_floor

MAX_BYTES = 500 * 1024
MAX_CRAWL_DELAY_SECONDS = 60.0
FORBID_ALL = b"User-agent: *\nDisallow: /"


class ObeyRobots(RobotsTxtMiddleware):
    """4xx means no rules, 5xx, 429 or no answer means hands off; Crawl-delay raises the host's pause."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._unreadable: dict[str, str] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        body = response.body[:MAX_BYTES]
        if 400 <= response.status < 500 and response.status != 429:
            body = b""
        elif not 200 <= response.status < 300:
            self._unreadable[netloc] = f"HTTP {response.status}"
            body = FORBID_ALL
        await super()._parse_robots(response.replace(body=body, status=200), netloc, request)
        parser = self._parsers[netloc]
        delay = parser.crawl_delay(self._default_useragent) if isinstance(parser, RobotParser) else None
        if delay:
            raise_floor(self.crawler, request, min(delay, MAX_CRAWL_DELAY_SECONDS))

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        waiting: Any = self._parsers[netloc]  # the Deferred that the requests of this host wait for
        self._unreadable[netloc] = str(exc) if isinstance(exc, Refused) else explain(exc, self.crawler.settings)
        self._parsers[netloc] = parser = ProtegoRobotParser(FORBID_ALL, None)
        waiting.callback(parser)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raises Refused, or Unavailable when the rules could not be read: a dead site must not look like a polite no."""
        if rp is None or rp.allowed(request.url, self._default_useragent):
            return
        netloc = request.url.split("/")[2]
        if why := self._unreadable.get(netloc):
            raise Unavailable(f"robots.txt could not be read ({why}): treated as forbidden")
        raise Refused("robots.txt forbids")
