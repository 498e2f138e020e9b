"""One request being answered: who asks, with which store and form; and what every page gets to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from pipeline.review.menu import MENU
from pipeline.review.render import render
from pipeline.review.security import make_token
from pipeline.review.translation import find_language, speak
from pipeline.store import Store
from pipeline.store.accounts import ROLES


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `alone`: single-user mode on loopback, where nobody signs in and the name may still be empty."""

    name: str
    role: str
    alone: bool = False
    is_name_fixed: bool = True

    def may(self, role: str) -> bool:
        """Whether this visitor has at least this role; everybody may what asks for no role."""
        return not role or ROLES.index(self.role) >= ROLES.index(role)


NOBODY = Visitor("", "reader")


@dataclass(frozen=True, slots=True)
class Visit:
    """What an endpoint gets: the request, the open store, the visitor, the posted form (checked, empty for GET)."""

    request: Request
    store: Store
    visitor: Visitor
    session: str
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def reader(self) -> str:
        """Whose queue it is: what waits for this person's second opinion shows nothing of the first. Nobody's when alone."""
        return "" if self.visitor.alone else self.visitor.name

    def say(self, text: str, **values: object) -> str:
        """A message in the page's language."""
        return speak(find_language(self.request))(text, **values)

    def render(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page for this visitor: its forms get their token, its frame the name and what the role may open."""
        token = make_token(self.request.app.state.secret, self.session)
        menu = [
            (path, words) for path, words, role in MENU if self.visitor.may(role) and (self.visitor.name or self.visitor.alone)
        ]
        known = {"visitor": self.visitor, "token": token, "settings": self.request.app.state.settings, "menu": menu}
        return render(self.request, template, status=status, **(known | values))

    def record(self, action: str, subject: object) -> None:
        """Write into the audit what this visitor does."""
        self.store.ledger.record(action, subject, by=self.visitor.name or None)
