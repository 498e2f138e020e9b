"""The scheduler's queue: a host's next request leaves it only when the one before has ended."""

from collections.abc import Iterable
from typing import Any

from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface


class FreeHosts(DownloaderInterface):
    """Only hosts that have no request under way, waiting pauses included."""

    def stats(self, possible_slots: Iterable[str]) -> list[tuple[int, str]]:
        """(0, host) for every free host."""
        busy = {self.downloader.get_slot_key(request) for request in self.downloader.active}
        return [(0, host) for host in possible_slots if host not in busy]


class OnePerHost(DownloaderAwarePriorityQueue):
    """A slow host can fill no more than one place, and a crawl that is told to stop has little left to wait for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._downloader_interface = FreeHosts(self.crawler)
