"""Scrapy's settings: polite by default. `scrapy list` and `scrapy crawl` read this module; `xabar crawl` adds to it."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from pipeline import __version__
from spiders.guard import is_private
from spiders.source import Source

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

BOT_NAME = "xabar"
SPIDER_MODULES = ["spiders.feed", "spiders.sitemap", "spiders.listing", "spiders.report", "spiders.addresses"]
USER_AGENT = f"xabar/{__version__} (news research; no contact configured)"
ROBOTSTXT_OBEY = True
LOG_LEVEL = "WARNING"
TELNETCONSOLE_ENABLED = False
COOKIES_ENABLED = False
REFERER_ENABLED = False
HTTPPROXY_ENABLED = False  # the guard judges addresses, and a proxy would hide them
REMOTE_CONTROL_ENABLED = False  # no door into a running crawl
HTTPCACHE_ENABLED = False
DOWNLOAD_VERIFY_CERTIFICATES = True

CONCURRENT_REQUESTS = 64
SCHEDULER_PRIORITY_QUEUE = "spiders.queue.OnePerHost"
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # newest first, as the index has them
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 5.0
DOWNLOAD_DELAY_JITTER = 0.0
AUTOTHROTTLE_START_DELAY = 5.0
AUTOTHROTTLE_MAX_DELAY = 60.0
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 10_000_000
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = True
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 2
RETRY_GIVE_UP_LOG_LEVEL = "INFO"
DEPTH_LIMIT = 60
# What can be unpacked again from the archive in ten years, by any reader.
DEFAULT_REQUEST_HEADERS = {"Accept": "text/html,application/xml,application/pdf;q=0.9,*/*;q=0.5", "Accept-Encoding": "gzip"}

DOWNLOAD_HANDLERS = dict.fromkeys(("data", "file", "ftp", "s3"))  # the web and nothing else
TWISTED_DNS_RESOLVER = "spiders.guard.PublicResolver"
# Scrapy would read and parse the source of a callback for every request whose callback it has not met, such as a bound part of
# ours: 10 ms a page, more than everything else together. What it warns of is a mistake that our tests find.
WARN_ON_GENERATOR_RETURN_VALUE = False
CONCURRENT_ITEMS = 2  # tasks that Scrapy makes for each response, 100 unless told; our item pipeline never waits
EXTENSIONS = {"scrapy.extensions.throttle.AutoThrottle": None, "spiders.throttle.Throttle": 0,
              # Switched off above; named here, they are not even imported: half a second.
              "scrapy.extensions.remote_control.RemoteControl": None, "scrapy.extensions.telnet.TelnetConsole": None}
AUTOTHROTTLE_ENABLED = True
DOWNLOADER_MIDDLEWARES = {
    "spiders.guard.Guard": 40,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "spiders.robots.ObeyRobots": 100,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "spiders.patience.Patience": 550,
    "spiders.patience.GiveUp": 700,
    "spiders.guard.KeepRaw": 800,
}
FEED_EXPORTERS = {"jsonl": "spiders.export.PageLines", "jsonlines": "spiders.export.PageLines", "jl": "spiders.export.PageLines",
                  "json": "spiders.export.PageJson", "csv": "spiders.export.PageCsv", "xml": "spiders.export.PageXml"}
XABAR_ALLOW_PRIVATE_HOSTS: list[str] = []


def crawl_settings(*, contact: str, delay: float, loopback_delay: float, timeout: float, max_bytes: int,
                   allow_private_hosts: Sequence[str], item_pipeline: str, sources: Iterable[Source]) -> dict[str, Any]:
    """What `xabar crawl` changes: the contact in the user agent, pauses in seconds, sizes in bytes, where pages go."""
    return {
        "USER_AGENT": f"xabar/{__version__} (+{contact})" if contact else USER_AGENT,
        "DOWNLOAD_DELAY": delay,
        "AUTOTHROTTLE_START_DELAY": delay,
        "DOWNLOAD_TIMEOUT": timeout,
        "DOWNLOAD_MAXSIZE": max_bytes,
        "DOWNLOAD_SLOTS": _slots(sources, loopback_delay),
        "XABAR_ALLOW_PRIVATE_HOSTS": list(allow_private_hosts),
        "ITEM_PIPELINES": {item_pipeline: 100},
    }


def _slots(sources: Iterable[Source], loopback_delay: float) -> dict[str, dict[str, float]]:
    """Only an address of this machine may have the short pause; every other host has the settings above."""
    hosts = {urlsplit(f"//{netloc}").hostname or "" for source in sources for netloc in source.hosts}
    return {host: {"concurrency": 1, "jitter": 0.0, "delay": loopback_delay} for host in hosts if is_loopback(host)}


def is_loopback(netloc: str) -> bool:
    """Whether a host, with or without a port, is this machine itself."""
    host = urlsplit(f"//{netloc}").hostname or ""
    return is_private(host.removeprefix("www."), ()) and not is_private(host.removeprefix("www."), LOOPBACK)
