"""The server as a process: a port that is taken, the real port, a clean end."""

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.records import Stop
from pipeline.review.server import check_port, name_page, serve
from tests.test_review_sample import make_desk, make_languages

START = (
    "import sys; from pathlib import Path; from pipeline.review.server import serve; "
    "serve(Path(sys.argv[1]), '127.0.0.1', 0, reviewer=None, on_ready=lambda url: print(url, flush=True))"
)


@contextmanager
def run_server(path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate(timeout=20)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_server_answers_on_the_port_it_names_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with run_server(make_desk(tmp_path, make_languages())) as (process, url):
        assert url.startswith("http://127.0.0.1:")
        assert not url.endswith(":0")
        with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310  our own loopback address
            assert b"Exercise held at the border" in response.read()
            assert "server" not in {name.lower() for name in response.headers}
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, "")


def test_port_in_use_is_said_with_what_to_do(tmp_path: Path) -> None:
    path = make_desk(tmp_path, [])
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Stop, match=rf"port {port} on 127\.0\.0\.1 cannot be used .*--port {port + 1}"):
            serve(path, "127.0.0.1", port, reviewer=None)
        with pytest.raises(Stop, match=f"port {port}"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("127.0.0.1", -1), ("127.0.0.999", 0)])
def test_impossible_address_is_a_stop(host: str, port: int) -> None:
    with pytest.raises((Stop, RuntimeError), match=r"port|127\.0\.0\.999"):
        check_port(host, port)


def test_missing_database_stops_before_the_server_starts(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="no database there"):
        serve(tmp_path / "none.db", "127.0.0.1", 0, reviewer=None)


def test_the_address_opens_the_queue_in_the_order_that_was_asked_for() -> None:
    assert name_page("score") == ""
    assert name_page("uncertain") == "/?order=doubt"
    with pytest.raises(Stop, match="known: score, uncertain, newest, random"):
        name_page("colour")
