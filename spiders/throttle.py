"""One request at a time per host, and a pause that is never shorter than the host's floor."""

from time import monotonic
from typing import Any

from scrapy import Spider
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Request, Response

TIMER_SLACK_SECONDS = 0.01  # a timer may fire a little early, and no pause may be too short


class Throttle(AutoThrottle):
    """Scrapy's AutoThrottle with a floor per host: slow answers lengthen the pause, quick ones never shorten it below."""

    def _min_delay(self) -> float:
        return 0.0  # the floor below is each host's own least pause

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        key, slot = self._get_slot(request, spider)
        if slot is not None:
            # The pause begins when the answer is there, not when it was asked for.
            slot.lastseen = monotonic() + TIMER_SLACK_SECONDS
            slot.delay = max(slot.delay, _floor(self.crawler, key))


def hold(crawler: Any, request: Request, seconds: float) -> None:
    """Ask nothing of the request's host for so many seconds, as its Retry-After wants."""
    if slot := crawler.engine.downloader.slots.get(request.meta["download_slot"]):
        slot.lastseen = monotonic() + seconds + TIMER_SLACK_SECONDS - slot.delay


def raise_floor(crawler: Any, request: Request, seconds: float) -> None:
    """Give the request's host a longer pause, as its robots.txt asks; a shorter one changes nothing."""
    downloader = crawler.engine.downloader
    key = downloader.get_slot_key(request)
    settings = {"concurrency": 1, "jitter": 0.0, "delay": max(_floor(crawler, key), seconds)}
    downloader.per_slot_settings[key] = settings
    if slot := downloader.slots.get(key):
        slot.delay = max(slot.delay, settings["delay"])


def _floor(crawler: Any, key: str | None) -> float:
    default = crawler.settings.getfloat("DOWNLOAD_DELAY")
    return float(crawler.engine.downloader.per_slot_settings.get(key, {}).get("delay", default))
