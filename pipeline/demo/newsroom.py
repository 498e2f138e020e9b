"""The bundled newsroom: invented news sites on loopback for `xabar demo` and for tests.

    python -m pipeline.demo.newsroom

Five outlets, each on a loopback address of its own, so that politeness per host can be seen. Every site answers /robots.txt,
/feed.xml, /sitemap.xml, /news/?page=N, /news/<slug> and, for whoever wants to check a crawler, /-/log.json. Pages under /private/
are forbidden by robots.txt and answer nevertheless: a crawler that disobeys shows in the log.
"""

import argparse
import errno
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.demo.item import Item
from pipeline.demo.server import Log, Request, SiteServer
from pipeline.demo.site import Site, load_sites, write_source
from pipeline.records import Stop

PORT = 8700
HOSTS = ("127.0.7.1", "127.0.7.2", "127.0.7.3", "127.0.7.4", "127.0.7.5")
SHARED_HOST = "127.0.0.1"
_NOT_OURS = (errno.EADDRNOTAVAIL, errno.EINVAL)

_log = logging.getLogger(__name__)


class Newsroom:
    """The running sites. The port is fixed by default, so that a second demo sees the same addresses; 0 takes any free one.

    Where the machine has no such address (macOS), all sites share 127.0.0.1 on ports counted up from `port`.
    """

    def __init__(self, port: int = PORT, hosts: Sequence[str] = HOSTS) -> None:
        self._port, self._hosts = port, tuple(hosts)
        self._servers: list[SiteServer] = []
        self._log = Log()

    @property
    def sites(self) -> tuple[Site, ...]:
        """The listening sites: name, base, languages, start; none before start()."""
        return tuple(server.site for server in self._servers)

    @property
    def log(self) -> tuple[Request, ...]:
        """Every request so far, oldest first."""
        return self._log.read()

    def start(self) -> None:
        """Bind every site and answer from now on. Raises Stop when an address cannot be had; then nothing listens."""
        if self._servers:
            return
        sites = load_sites()
        try:
            self._bind(sites)
        except BaseException:
            self.stop()
            raise
        for server in self._servers:
            server.start()

    def stop(self) -> None:
        """Close every port and connection; calling it twice does no harm."""
        servers, self._servers = self._servers, []
        for server in servers:
            server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def write_sources(self, folder: Path) -> None:
        """Write <site id>.toml for every listening site, as the spiders' catalogue wants it."""
        folder.mkdir(parents=True, exist_ok=True)
        for site in self.sites:
            write_source(site, folder)

    def expected(self) -> dict[str, Item]:
        """Every page under /news/<slug> by its address, with what a pipeline should make of it."""
        return {site.url_of(item): item for site in self.sites for item in site.items}

    def _bind(self, sites: Sequence[Site]) -> None:
        for number, site in enumerate(sites):
            try:
                self._add(site, self._hosts[number], self._port)
            except OSError as error:
                if error.errno not in _NOT_OURS or number:
                    raise Stop(_explain(error, site, self._hosts[number], self._port)) from error
                _log.warning("%s is no address of this machine: the demo's sites share %s", self._hosts[0], SHARED_HOST)
                return self._bind_shared(sites)
        return None

    def _bind_shared(self, sites: Sequence[Site]) -> None:
        for number, site in enumerate(sites):
            port = self._port + number if self._port else 0
            try:
                self._add(site, SHARED_HOST, port)
            except OSError as error:
                raise Stop(_explain(error, site, SHARED_HOST, port)) from error

    def _add(self, site: Site, host: str, port: int) -> None:
        self._servers.append(SiteServer(site, host, port, self._log))


def _explain(error: OSError, site: Site, host: str, port: int) -> str:
    place = f"{host}:{port} (news site '{site.name}' of the demo)"
    if error.errno == errno.EADDRINUSE:
        return f"{place}: the port is in use; end the program that listens there, maybe another demo"
    return f"{place}: cannot listen there: {error.strerror}; choose another port"


def main() -> None:
    """Run the newsroom until SIGINT or SIGTERM, for someone who wants to look."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.demo.newsroom", description="Serve the demo's invented news sites.")
    parser.add_argument("--port", type=int, default=PORT, help=f"port of every site (default {PORT}, 0 takes any free one)")
    room, ended = Newsroom(parser.parse_args().port), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with room:
            for site in room.sites:
                sys.stdout.write(f"{site.base}/  {site.name}  {', '.join(site.languages)}  {len(site.items)} pages\n")
            sys.stdout.flush()
            ended.wait()
    except Stop as stop:
        sys.stderr.write(f"{stop}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
