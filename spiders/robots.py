"""robots.txt after RFC 9309, failing closed: a site whose rules cannot be read is not crawled."""

from typing import Any
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Request, Response
from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from pipeline.records import FetchLog, Rules
from spiders.failure import Unavailable, explain
from spiders.guard import Refused
from spiders.throttle import raise_floor

MAX_BYTES = 500 * 1024
MAX_CRAWL_DELAY_SECONDS = 60.0
FORBID_ALL = b"User-agent: *\nDisallow: /"


class ObeyRobots(RobotsTxtMiddleware):
    """4xx means no rules, 5xx, 429 or no answer means hands off; Crawl-delay raises the host's pause.

    What was read, or is not there, holds for a day, over several crawls; hands off is asked again at the next one.
    """

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._unreadable: dict[str, str] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of a request's site, asked for once a day."""
        netloc = urlsplit(request.url).netloc
        if netloc not in self._parsers and (rules := self._log.recall_rules(netloc)):
            self._parsers[netloc] = parser = ProtegoRobotParser(rules.body, None)
            self._slow_down(parser, request)
        return await super().robot_parser(request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        body = response.body[:MAX_BYTES]
        if 400 <= response.status < 500 and response.status != 429:
            body = b""
        elif not 200 <= response.status < 300:
            self._unreadable[netloc] = f"HTTP {response.status}"
            body = FORBID_ALL
        if netloc not in self._unreadable:
            self._log.remember_rules(Rules(netloc, response.status, body))
        await super()._parse_robots(response.replace(body=body, status=200), netloc, request)
        self._slow_down(self._parsers[netloc], request)

    @property
    def _log(self) -> FetchLog:
        spider: Any = self.crawler.spider
        log: FetchLog = spider.fetch_log
        return log

    def _slow_down(self, parser: Any, request: Request) -> None:
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
