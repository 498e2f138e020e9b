"""Who asks: a session, a name that a trusted reverse proxy vouches for, or the one person at a loopback page without accounts."""

from starlette.requests import Request

from pipeline.review.security import SESSION_COOKIE, clean_name, find_reviewer
from pipeline.review.visit import Visitor
from pipeline.store import Store


def find_visitor(request: Request, store: Store) -> Visitor | None:
    """The visitor, or None when somebody must sign in."""
    state = request.app.state
    if not store.accounts.exist():
        if not state.may_be_alone:
            return None
        fixed = clean_name(state.reviewer or "")
        return Visitor(fixed or find_reviewer(request), "admin", alone=True, is_name_fixed=bool(fixed))
    if state.settings.proxy_header:
        return _find_proxied(request, store)
    user = store.accounts.session_user(request.cookies.get(SESSION_COOKIE, ""))
    return Visitor(user.name, user.role) if user else None


def _find_proxied(request: Request, store: Store) -> Visitor | None:
    # Only the proxy's own address may name a user: anybody else could write the header too.
    settings = request.app.state.settings
    names = request.headers.getlist(settings.proxy_header)
    if request.client is None or request.client.host not in settings.proxy_addresses or len(names) != 1:
        return None
    user = store.accounts.get(clean_name(names[0]))
    return Visitor(user.name, user.role) if user and user.active else None
