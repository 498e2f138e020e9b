"""What stands between the page and a hostile web: headers, the Host and Origin checks, form tokens, cookies."""

import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FORM_MAX_BYTES = 65_536
NAME_MAX_CHARACTERS = 80
COOKIE_SECONDS = 180 * 24 * 3600
SESSION_COOKIE, REVIEWER_COOKIE = "xabar_session", "xabar_reviewer"
SESSION = re.compile(r"[0-9a-f]{32}")


class Guard:
    """Refuse foreign Hosts and cross-site posts before anything else runs, and put the headers on every answer."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: Sequence[str], refuse: Callable[[Request, int, str], Response]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in allowed_hosts)
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                harden(MutableHeaders(scope=message))
            await send(message)

        request = Request(scope)
        problem = self._find_problem(request)
        app = self._refuse(request, problem[0], problem[1]) if problem else self._app
        await app(scope, receive, send_hardened)

    def _find_problem(self, request: Request) -> tuple[int, str] | None:
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or _strip_port(hosts[0]) not in self._hosts:
            return 400, (
                "This address is not one that the review page answers to. A web site may have pointed its own name at this "
                "machine (DNS rebinding). Open the address that 'xabar review' printed."
            )
        if request.method not in ("GET", "HEAD") and not is_same_origin(request):
            return 403, "This form was sent from another web site. Nothing was saved. Decide on the item's own page."
        return None


def harden(headers: MutableHeaders) -> None:
    """Add the security headers; what a page set itself stays."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")


def is_same_origin(request: Request) -> bool:
    """Whether a browser says that our own page sent this; a client that says nothing still needs the form token."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin == "null":
        # Under Referrer-Policy: no-referrer browsers write Origin: null for our own forms too; Sec-Fetch-Site tells them apart.
        return site == "same-origin"
    return origin is None or urlsplit(origin).netloc == request.headers["host"]


def find_session(request: Request) -> str:
    """The browser's session: its cookie, or a new one that the caller must set."""
    cookie = request.cookies.get(SESSION_COOKIE, "")
    return cookie if SESSION.fullmatch(cookie) else secrets.token_hex(16)


def make_token(secret: bytes, session: str) -> str:
    """What a form carries: only this server can make it, and only for this browser's session."""
    return hmac.digest(secret, session.encode(), "sha256").hex()


def is_token(secret: bytes, request: Request, token: str) -> bool:
    """Whether a form's token belongs to the session cookie that came with it."""
    session = request.cookies.get(SESSION_COOKIE, "")
    return hmac.compare_digest(make_token(secret, session).encode(), token.encode())


def find_reviewer(request: Request) -> str:
    """The reviewer's name as this browser remembers it, or nothing."""
    return clean_name(unquote(request.cookies.get(REVIEWER_COOKIE, "")))


def clean_name(name: str) -> str:
    """A name on one line without invisible characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:NAME_MAX_CHARACTERS]


def set_cookie(response: Response, name: str, value: str, *, seconds: int = COOKIE_SECONDS, secure: bool = False) -> None:
    """A cookie that scripts cannot read and other sites cannot send; `secure` where the page is reached over https."""
    response.set_cookie(name, quote(value), max_age=seconds, path="/", httponly=True, samesite="strict", secure=secure)


async def read_form(request: Request) -> dict[str, str]:
    """A small urlencoded form. Raises HTTPException 413 when it is larger than a note can be, 415 for another type."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise HTTPException(415, "A decision is sent by the form on an item's page.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > FORM_MAX_BYTES:
            raise HTTPException(413, "This form is too large. Nothing was saved; shorten the note.")
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=40))
    except ValueError as error:
        raise HTTPException(400, "This form has too many fields. Nothing was saved.") from error


def _strip_port(host: str) -> str:
    return re.sub(r":\d*$", "", host.strip().lower())
