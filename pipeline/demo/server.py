"""One loopback web server per site of the demo: conditional requests, gzip, a request log, bounded threads."""

import gzip
import hashlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.demo.page import Answer, answer
from pipeline.demo.site import Site

THREADS_PER_SITE = 16
IDLE_SECONDS = 5
POLL_SECONDS = 0.05
GZIP_FROM_BYTES = 512


@dataclass(frozen=True, slots=True)
class Request:
    """A line of the request log; `time` is seconds since the epoch."""

    time: float
    site: str
    path: str
    status: int
    user_agent: str | None
    if_none_match: str | None
    if_modified_since: str | None


class Log:
    """Every request so far, of all sites. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[Request] = []

    def add(self, request: Request) -> None:
        """Append one request."""
        with self._lock:
            self._requests.append(request)

    def read(self) -> tuple[Request, ...]:
        """A copy of what was asked so far, oldest first."""
        with self._lock:
            return tuple(self._requests)


class SiteServer(ThreadingHTTPServer):
    """The web server of one site. Binding raises OSError; the site's `base` is known afterwards."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, site: Site, host: str, port: int, log: Log) -> None:
        self._slots = threading.BoundedSemaphore(THREADS_PER_SITE)
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        super().__init__((host, port), _make_handler(lambda: self.site, log))
        self.site = replace(site, base=f"http://{host}:{self.server_address[1]}")
        self._thread = threading.Thread(target=self.serve_forever, args=(POLL_SECONDS,), name=f"demo-{site.id}", daemon=True)

    def start(self) -> None:
        """Answer from now on, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and the port; returns when no thread is left."""
        self._close_connections()
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self._close_connections()
        self.server_close()

    def server_bind(self) -> None:
        """Bind without the reverse look-up of http.server, which can take half a minute."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Wait for a free thread, then answer in it."""
        self._slots.acquire()
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one connection and free its thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._connections.discard(request)
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error; everything else is printed as usual."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def _close_connections(self) -> None:
        with self._lock:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was quicker


def _make_handler(read_site: Callable[[], Site], log: Log) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "demo-newsroom"
        timeout = IDLE_SECONDS

        def do_GET(self) -> None:
            site, parts = read_site(), urlsplit(self.path)
            if parts.path == "/-/log.json":
                rows = [asdict(request) for request in log.read()]
                return self._send(Answer(json.dumps(rows).encode(), "application/json"), 200, {})
            found = answer(site, unquote(parts.path), parts.query)
            etag = f'W/"{hashlib.sha256(found.body).hexdigest()[:16]}"'
            unchanged = found.status == 200 and _is_unchanged(self.headers, etag, found)
            status = 304 if unchanged else found.status
            asked = [self.headers.get(name) for name in ("User-Agent", "If-None-Match", "If-Modified-Since")]
            log.add(Request(time.time(), site.id, self.path, status, *asked))
            return self._send(found, status, _validators(etag, found) if found.status == 200 else {})

        do_HEAD = do_GET  # noqa: N815  http.server calls it by this name

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal: /-/log.json has it."""

        def _send(self, found: Answer, status: int, headers: dict[str, str]) -> None:
            body = b"" if status == 304 else found.body
            headers = {"Content-Type": found.content_type, "Vary": "Accept-Encoding", **headers}
            if len(body) >= GZIP_FROM_BYTES and "gzip" in (self.headers.get("Accept-Encoding") or ""):
                body, headers["Content-Encoding"] = gzip.compress(body, 6, mtime=0), "gzip"
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler


def _validators(etag: str, found: Answer) -> dict[str, str]:
    stamp = {"Last-Modified": _http_date(found)} if found.modified else {}
    return {"ETag": etag, **stamp}


def _http_date(found: Answer) -> str:
    moment = found.modified
    return format_datetime(moment.astimezone(UTC), usegmt=True) if moment else ""


def _is_unchanged(headers: Any, etag: str, found: Answer) -> bool:
    """RFC 9110, 13.2.2: If-None-Match decides where it is given, If-Modified-Since only without it."""
    if wanted := headers.get("If-None-Match"):
        return any(tag.strip() in ("*", etag, etag.removeprefix("W/")) for tag in wanted.split(","))
    since = headers.get("If-Modified-Since")
    if not since or not found.modified:
        return False
    try:
        return bool(found.modified <= parsedate_to_datetime(since))
    except (ValueError, TypeError):
        return False
