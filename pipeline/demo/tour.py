"""`xabar demo`: the real spiders crawl the bundled newsroom on loopback, and the review page opens on what they found."""

import subprocess
import sys
from pathlib import Path

from pipeline.config import load_config
from pipeline.demo.newsroom import Newsroom
from pipeline.records import Stop
from pipeline.report import print_summary
from pipeline.review.server import check_port, serve
from pipeline.store import Store

NOTICE = "Everything in this demo is invented for the demo: the outlets, the events and the people. Nothing of it happened."
SETTINGS = """# Written by 'xabar demo'. Only loopback may be asked this quickly.
[crawl]
contact = "demo on this machine only"
loopback_delay_seconds = 0.2
allow_private_hosts = ["127.0.0.0/8", "::1/128"]
"""


def show_demo(folder: Path, *, port: int, newsroom_port: int, serve_page: bool) -> None:
    """Crawl, analyse, print the summary, open the page. What was decided in an earlier demo stays."""
    database, settings, sources = folder / "demo.db", folder / "demo.toml", folder / "sources"
    if serve_page:
        check_port("127.0.0.1", port)
    folder.mkdir(parents=True, exist_ok=True)
    settings.write_text(SETTINGS, encoding="utf-8")
    print(f"{NOTICE}\n")
    with Newsroom(port=newsroom_port) as room:
        room.write_sources(sources)
        print(
            f"{len(room.sites)} invented news sites listen on loopback; the spiders wait 0.2 s between two requests to one host\n"
        )
        # A process of its own, as an operator runs it: Scrapy's reactor and the review server do not share one.
        _xabar("crawl", "--sources", sources, "--config", settings, "--db", database)
        _xabar("run", "--config", settings, "--db", database)
        print()
        with Store.open(database) as store:
            print_summary(store.ledger.summary())
        print(f"\n{NOTICE}")
        if serve_page:
            review = load_config(settings).review
            serve(database, review.host, port, reviewer=None, on_ready=_tell)


def _xabar(*arguments: str | Path) -> None:
    print(f"$ xabar {' '.join(map(str, arguments))}", flush=True)
    status = subprocess.run([sys.executable, "-m", "pipeline.cli", *map(str, arguments)], check=False).returncode  # noqa: S603  our own command
    if status not in (0, 1):
        raise Stop(f"the demo ended: 'xabar {arguments[0]}' stopped with status {status}, see its message above")


def _tell(url: str) -> None:
    print(f"\nreview page: {url}   (Ctrl-C ends it)", flush=True)
