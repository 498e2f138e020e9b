"""The review page's web server: one process, loopback by default, no access log, a clean end."""

import ipaddress
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import uvicorn

from pipeline.config import Review
from pipeline.corrected import list_entities
from pipeline.records import Stop
from pipeline.review.app import LOOPBACK, make_app
from pipeline.review.correct import list_labels
from pipeline.store import Store
from pipeline.store.narrowing import ORDERS

SHUTDOWN_SECONDS = 3


def serve(
    db_path: Path,
    host: str,
    port: int,
    *,
    reviewer: str | None,
    settings: Review | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; `on_ready` gets the address. Raises Stop when the database or the port cannot be used."""
    is_local = _is_loopback(host)
    with Store.open(db_path) as store:
        if not is_local and not store.accounts.exist():
            raise Stop(
                f"{host} can be reached from other machines, and nobody has an account yet: "
                f"'xabar users add NAME --role admin --db {db_path}' first, or listen on 127.0.0.1"
            )
    with closing(_bind(host, port)) as listener:
        # Read now: eight first pages at once would each read them.
        for read in (list_entities, list_labels):
            read()
        hosts = (*LOOPBACK, _write_host(host), *(() if is_local else (socket.gethostname(),)))
        app = make_app(db_path, reviewer=reviewer, allowed_hosts=hosts, settings=settings, may_be_alone=is_local)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        address = f"http://{_write_host(host)}:{listener.getsockname()[1]}"
        with _quiet_signals():
            _Server(config, lambda: on_ready(address) if on_ready else None).run(sockets=[listener])


def name_page(order: str) -> str:
    """The path of the queue in this order, nothing for the usual one. Raises Stop for an unknown one."""
    orders = {("uncertain" if name == "doubt" else name): name for name in ORDERS}
    if order not in orders:
        raise Stop(f"--order {order!r} is unknown (known: {', '.join(orders)})")
    return "" if order == "score" else f"/?order={orders[order]}"


def check_port(host: str, port: int) -> None:
    """Raise Stop, with what to do, when the address cannot be listened on."""
    _bind(host, port).close()


class _Server(uvicorn.Server):
    """Says when it answers, which is after the socket listens."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_started()


def _bind(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise Stop(f"port {port}: not a port; choose one from 1 to 65535, or 0 for any free one")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise Stop(f"host {host!r}: no such address on this machine ({error}); use --host 127.0.0.1") from error
    listener = socket.socket(family, kind, protocol)
    try:
        # Without it, a port stays unusable for a minute after a server on it ended; a live server still keeps it.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Two sockets may be bound to one port until one listens.
        listener.listen()
    except OSError as error:
        listener.close()
        raise Stop(f"port {port} on {host} cannot be used ({error.strerror}); {_advise(port)}") from error
    return listener


def _advise(port: int) -> str:
    other = port + 1 if 1024 <= port < 65535 else 8001
    return f"end what listens there, or choose another: --port {other}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _write_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextmanager
def _quiet_signals() -> Iterator[None]:
    # uvicorn raises the signal again once it has shut down; for us the first one was an orderly end, with status 0.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
