"""Shared by all tests: no network but loopback, and a last line that says what was not run."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.records import Page
from pipeline.store import Store

FETCHED = datetime(2026, 9, 22, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Iterator[None]:
    """A test that reaches for the network fails, whatever the machine would allow."""
    connect, lookup = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple):
            _refuse(str(address[0]))
        connect(self, address)

    def guarded_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host is not None:
            _refuse(host.decode() if isinstance(host, bytes) else str(host))
        return lookup(host, *args, **kwargs)

    socket.socket.connect, socket.getaddrinfo = guarded_connect, guarded_lookup  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect, socket.getaddrinfo = connect, lookup  # type: ignore[method-assign]


def _refuse(host: str) -> None:
    try:
        allowed = ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        allowed = host in ("localhost", "", socket.gethostname())
    if not allowed:
        raise RuntimeError(f"a test tried to reach {host}: tests talk to loopback only")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "x.db", create=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def eval_data() -> Path:
    """The folder of evaluation data; a check that needs it is reported as not run without it."""
    folder = os.environ.get("XABAR_EVAL_DATA")
    if not folder:
        pytest.skip("not run: XABAR_EVAL_DATA is not set")
    return Path(folder)


def make_page(number: int = 0, body: bytes | None = None, **changes: Any) -> Page:
    """An article page in Uzbek, long enough to be one; the number makes it differ from the next."""
    html = (
        f"<html><head><title>Yangi yoʻl ochildi {number}</title></head><body><article><h1>Yangi yoʻl ochildi {number}</h1>"
        + f"<p>Samarqand viloyatida {number}-yoʻl taʼmirdan keyin ochildi va haydovchilar bundan mamnun boʻldi.</p>" * 6
        + "</article></body></html>"
    )
    values: dict[str, Any] = {
        "url": f"http://127.0.0.1/news/{number}",
        "source": "sinov",
        "fetched_at": FETCHED,
        "headers": {"Content-Type": "text/html; charset=utf-8", "ETag": f'"{number}"'},
        "body": html.encode() if body is None else body,
    }
    return Page(**(values | changes))


def make_source_row(**changes: Any) -> dict[str, Any]:
    """What a crawl keeps of a source."""
    return {"id": "sinov", "name": "Sinov", "homepage": "http://127.0.0.1/", "country": "UZ", "languages": ["uz"],
            "kind": "newspaper", "note": "", "flags": ["state"], "legal": "Soʻrang.", "layout": None} | changes


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what did not run and how to have it run: a skipped check is not a passed one."""
    reasons = {
        str(report.longrepr[2]).removeprefix("Skipped: ").removeprefix("not run: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    }
    for reason in sorted(reasons):
        terminalreporter.write_line(f"NOT RUN  {reason}")
