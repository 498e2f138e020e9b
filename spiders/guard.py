"""What is never asked: other people's hosts, private addresses, the deny list. Checked before DNS, and after it."""

import ipaddress
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

from spiders.source import Source, why_denied

Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]


class Refused(IgnoreRequest):
    """We do not ask this address; the message says why, for the operator's summary."""


class Guard:
    """Downloader middleware: lets a request pass only to its own source's hosts. Redirects come through here again."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._allowed = read_networks(crawler.settings.getlist("XABAR_ALLOW_PRIVATE_HOSTS"))

    @classmethod
    def from_crawler(cls, crawler: Any) -> "Guard":
        """Scrapy calls this."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises Refused."""
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        request.meta["download_slot"] = host  # a redirect brings the name of the host that it came from
        if parts.scheme not in ("http", "https"):
            raise Refused(f"{parts.scheme}: is no web address")
        if reason := why_denied(host):
            raise Refused(f"{host} is on the deny list: {reason}")
        if is_private(host, self._allowed):
            raise Refused(_redirected(request, f"leads to a private address, {host}"))
        if not any(source.owns(request.url) for source in self._sources(request)):
            raise Refused(_redirected(request, f"leads to another site, {parts.netloc}"))
        if "redirect_urls" in request.meta and request.meta.get("article") and not self._sources(request)[0].allows(request.url):
            raise Refused(_redirected(request, f"leads out of the source's article paths, to {parts.path}"))

    def _sources(self, request: Request) -> list[Source]:
        # robots.txt is asked for by its middleware and belongs to no source: any of ours will do.
        own = request.meta.get("source")
        return [own] if own else list(self._crawler.spider.sources.values())


class KeepRaw:
    """Downloader middleware nearest to the network: keeps body and headers as received, for the archive."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Only what is packed needs keeping; everything else is the body itself."""
        request.meta["headers"] = {name.decode("latin-1"): b", ".join(values).decode("latin-1")
                                   for name, values in response.headers.items()}
        request.meta["raw"] = response.body if "Content-Encoding" in response.headers else None
        return response


class PublicResolver(CachingThreadedResolver):
    """A name that leads to a private address is not resolved, whatever its owner put into the DNS."""

    allowed: Networks = ()

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> "PublicResolver":
        """Scrapy calls this."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.allowed = read_networks(crawler.settings.getlist("XABAR_ALLOW_PRIVATE_HOSTS"))
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Any:  # noqa: N802  Twisted's name
        """The address of a name; fails with DNSLookupError when it is private."""
        return super().getHostByName(name, timeout).addCallback(self._check, name)

    def _check(self, address: str, name: str) -> str:
        if is_private(address, self.allowed):
            raise DNSLookupError(f"{name} leads to a private address, {address}")
        return address


def read_networks(texts: Sequence[str]) -> Networks:
    """Address ranges from texts such as `127.0.0.0/8`. Raises ValueError."""
    return [ipaddress.ip_network(text) for text in texts]


def is_private(host: str, allowed: Networks) -> bool:
    """Whether the host is an address that is not public, outside the allowed ranges; a name is never one."""
    if host == "localhost" or host.endswith(".localhost"):
        host = "127.0.0.1"
    try:
        address = ipaddress.ip_address(host.strip("[]").split("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return not mapped.is_global and not any(mapped in network for network in allowed)


def _redirected(request: Request, what: str) -> str:
    return f"redirect {what}: refused" if "redirect_urls" in request.meta else f"{what}: refused"
