"""A small web on loopback for crawling tests: each site has an address of its own and remembers who asked for what."""

import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.conftest import make_page

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = """[crawl]
contact = "https://desk.example/contact"
loopback_delay_seconds = {delay}
timeout_seconds = {timeout}
max_bytes = {max_bytes}
allow_private_hosts = ["127.0.0.0/8"]
"""


@dataclass
class Answer:
    """What a site says at one address; with an ETag it answers a matching If-None-Match with 304."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    hang_up: bool = False


@dataclass
class Asked:
    """One request as the server saw it."""

    path: str
    began: float
    headers: dict[str, str]
    ended: float = 0.0


class Site:
    """Answers from `pages`: path -> Answer, or a function of the number of times it was asked. Use as a context manager."""

    def __init__(self, address: str = "127.0.5.1", pages: Mapping[str, Any] | None = None, robots: Answer | None = None,
                 tls: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Any] = {"/robots.txt": robots or Answer(b"User-agent: *\nDisallow:\n"), **(pages or {})}
        self.log: list[Asked] = []
        self._server = ThreadingHTTPServer((address, 0), _handler(self))
        self._server.daemon_threads = True
        self.netloc = f"{address}:{self._server.server_address[1]}"
        self.base = f"http{'s' if tls else ''}://{self.netloc}"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    def __enter__(self) -> "Site":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self) -> list[str]:
        """Every path that was asked for, in order."""
        return [asked.path for asked in self.log]

    def toml(self, *start: str, allow: str = "/news/", **more: str) -> str:
        """A source file for this site; `start` holds entries such as `feed:/feed.xml`."""
        starts = ", ".join(f'{{{kind} = "{self.base}{path}"}}' for kind, _, path in (way.partition(":") for way in start))
        extra = "".join(f"{key} = {value}\n" for key, value in more.items())
        return (f'name = "Sinov"\nhomepage = "{self.base}/"\ncountry = "XX"\nlanguages = ["uz"]\nkind = "newspaper"\n'
                f'start = [{starts}]\nallow = ["{allow}"]\n{extra}')

    def feed(self, paths: Iterable[str]) -> bytes:
        """An RSS feed with these articles; a whole address stays as it is."""
        items = "".join(f"<item><title>Xabar {path}</title><link>{path if '//' in path else self.base + path}</link></item>"
                        for path in paths)
        return f"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def article(number: int = 0, **more: Any) -> Answer:
    """An article with an ETag."""
    return Answer(make_page(number).body, headers={"Content-Type": "text/html; charset=utf-8", "ETag": f'"a{number}"'}, **more)


def run_crawl(folder: Path, sources: Mapping[str, str], *arguments: str, **limits: float) -> dict[str, dict[str, Any]]:
    """`xabar crawl --json` in a process of its own, because a reactor starts once; its rows by source."""
    process = start_crawl(folder, sources, *arguments, **limits)
    out, err = process.communicate(timeout=100)
    assert process.returncode in (0, 1), f"status {process.returncode}\n{out}\n{err}"
    assert [line for line in err.splitlines() if not line.startswith("so far: ")] == [], err
    return {row["source"]: row for row in json.loads(out)}


def start_crawl(folder: Path, sources: Mapping[str, str], *arguments: str, delay: float = 0.05, timeout: float = 5.0,
                max_bytes: float = 1_000_000) -> "subprocess.Popen[str]":
    """The same, not waited for."""
    catalogue = folder / "sources"
    catalogue.mkdir(exist_ok=True)
    for name, text in sources.items():
        (catalogue / f"{name}.toml").write_text(text, encoding="utf-8")
    config = folder / "x.toml"
    config.write_text(SETTINGS.format(delay=delay, timeout=timeout, max_bytes=int(max_bytes)), encoding="utf-8")
    command = [sys.executable, "-m", "pipeline.cli", "crawl", "--json", "--sources", str(catalogue), "--config", str(config),
               "--db", str(folder / "x.db"), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(self.path, time.time(), {name.lower(): value for name, value in self.headers.items()})
            site.log.append(asked)
            answer = site.pages.get(self.path, Answer(status=404))
            self._send(answer(site.paths().count(self.path)) if callable(answer) else answer)
            asked.ended = time.time()

        def _send(self, answer: Answer) -> None:
            time.sleep(answer.wait)
            if answer.hang_up:
                self.close_connection = True
                return
            tag = answer.headers.get("ETag")
            same = tag is not None and self.headers.get("If-None-Match") == tag
            self.send_response(304 if same else answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in answer.headers:
                self.send_header("Content-Length", "0" if same else str(len(answer.body)))
            self.end_headers()
            if not same:
                self.wfile.write(answer.body)

        def handle(self) -> None:
            with suppress(ssl.SSLError):  # a client that does not trust the certificate goes away
                super().handle()

        def log_message(self, *args: object) -> None:
            pass

    return Handler
