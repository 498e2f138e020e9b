"""Hostile texts: hundreds of payloads in every field stay text, in the page's source and in a real Chromium; a fuzz run over the
route table ends in no error of ours."""

import sqlite3
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from starlette.testclient import TestClient

from pipeline.records import Document, Mention
from pipeline.review.app import ENDPOINTS, make_app
from pipeline.review.security import make_token
from pipeline.store import Store
from tests.test_review_browser import chromium  # noqa: F401  a fixture
from tests.test_review_sample import HOST, make_desk, make_doc
from tests.test_review_server import run_server

TAGS = (
    "script",
    "img",
    "svg",
    "iframe",
    "object",
    "embed",
    "style",
    "link",
    "meta",
    "base",
    "form",
    "input",
    "video",
    "details",
    "math",
)
EVENTS = ("onerror", "onload", "onclick", "onfocus", "onmouseover", "ontoggle", "onanimationstart", "onpointerenter")
SHAPES = (
    "<{tag} src=x {event}=window.owned=1>",
    '"><{tag} {event}="window.owned=1">',
    "'><{tag} {event}='window.owned=1' autofocus>",
    "</bdi></p><{tag} {event}=window.owned=1 src=https://evil.example/x>",
)
OTHERS = (
    "javascript:window.owned=1",
    "JaVaScRiPt:window.owned=1",
    "data:text/html,<script>window.owned=1</script>",
    "{{ 7 * 7 }}{{ self.__init__.__globals__ }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "${7*7} #{7*7} <%= 7*7 %>",
    '=HYPERLINK("https://evil.example";"x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "'; DROP TABLE decisions; --",
    "' OR 1=1 --",
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "\u202egnp.exe\u202c",
    "a\u200bb\u2060c\ufeffd",
    "\x00\x1b[31m",
    "<!--><script>window.owned=1</script>",
    "<![CDATA[<script>window.owned=1</script>]]>",
    "&lt;script&gt;window.owned=1&lt;/script&gt;",
    "&#x3C;script&#x3E;window.owned=1",
    "\u2028window.owned=1\u2029",
    "<scr\x00ipt>window.owned=1</scr\x00ipt>",
    "<a href=https://evil.example/>x</a>",
)
MADE = [shape.format(tag=tag, event=event) for tag in TAGS for event in EVENTS for shape in SHAPES]
PAYLOADS = [*OTHERS, *MADE[:: max(1, len(MADE) // 290)]]
PER_DOCUMENT = 10
# What our own pages may hold; a payload that became an element of another kind, or an attribute of these, would show.
_ELEMENTS = """html head meta title link script body a header nav form input button span main section p strong footer dialog h1
    h2 dl div dt dd kbd ol ul li label select option details summary svg rect bdi mark time table thead tbody tr th td caption
    circle path text article aside textarea fieldset legend datalist code pre ins del"""
ELEMENTS = frozenset(_ELEMENTS.split())


class Page(HTMLParser):
    """The elements and dangerous attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if tag not in ELEMENTS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            outward = name in ("href", "src", "action") and value and not value.startswith(("/", "#"))
            if name.startswith("on") or name == "style" or (outward and not str(value).startswith("http://127.0.0.1/")):
                self.found.append(f"<{tag} {name}={value!r}>")


def make_hostile(number: int) -> Document:
    """A document with ten payloads in its text, and one in each other field."""
    some = [PAYLOADS[(number * PER_DOCUMENT + n) % len(PAYLOADS)] for n in range(PER_DOCUMENT)]
    text = "\n".join(some) + "\nTaliban"
    start = text.index("Taliban")
    mention = Mention(start, start + 7, "Taliban", some[2], some[3], (some[4],), 0.9, some[5], some[6], some[7])
    return make_doc(
        number,
        title=some[0],
        text=text,
        url=some[1] if number % 2 else f"http://127.0.0.1/{number}",
        source=some[2],
        mentions=(mention,),
        reasons=tuple(some[3:5]),
        published=some[8],
        published_source=some[9],
        institution=some[0],
        score=0.9,
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Document]]:
    """A database in which every payload stands in every field: notes, reviewers, file names, saved filters and requests too."""
    docs = [make_hostile(number) for number in range(-(-len(PAYLOADS) // PER_DOCUMENT))]
    path = make_desk(tmp_path_factory.mktemp("hostile"), docs)
    with Store.open(path) as store:
        for number, doc in enumerate(docs):
            payload = PAYLOADS[number * 7 % len(PAYLOADS)].replace("\x00", "")
            store.desk.decide(doc.id, payload, "relevant", reason=payload, note=payload, clause=payload)
            store.notebook.save_filter("N. K.", payload, f"?search={quote(payload)}")
            store.requests.ask("gazetteer", {"form": payload, payload: payload}, payload)
    raw = sqlite3.connect(path)
    for number in range(len(docs)):
        raw.execute("UPDATE pages SET warc_file = ? WHERE rowid = ?", (PAYLOADS[number], number + 1))
    raw.commit()
    raw.close()
    return path, docs


def test_there_are_at_least_three_hundred_payloads() -> None:
    assert len(set(PAYLOADS)) >= 300


def test_no_payload_becomes_an_element_or_an_attribute(hostile: tuple[Path, list[Document]]) -> None:
    path, docs = hostile
    client = TestClient(make_app(path), base_url=HOST, cookies={"xabar_reviewer": "N.%20K."})
    searches = [f"/?search={quote(payload)}&entity={quote(payload)}&reviewer={quote(payload)}" for payload in PAYLOADS[::25]]
    for address in (
        "/?show=all&decision=any",
        "/me",
        "/requests",
        "/audit",
        "/dashboard?weeks=all",
        "/export?search=x",
        *(f"/item/{doc.id}" for doc in docs),
        *searches,
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        page = Page()
        page.feed(answer.text)
        assert page.found == [], address
        assert page.scripts == 1, address
        assert not set("\u202e\u200b\u2060\ufeff\x1b").intersection(answer.text), address
        assert "49" not in answer.text.split("{{ 7")[0][-20:], "templates are not evaluated twice"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{'POST' if e.post else 'GET'} {e.path}")
def test_nothing_that_is_sent_ends_in_an_error_of_ours(hostile: tuple[Path, list[Document]], endpoint: Any) -> None:
    path, docs = hostile
    app = make_app(path, reviewer="N. K.")
    session = "a" * 32
    client = TestClient(
        app, base_url=HOST, follow_redirects=False, cookies={"xabar_session": session}, raise_server_exceptions=False
    )
    names = (
        "verdict",
        "note",
        "seen",
        "task",
        "text",
        "start",
        "end",
        "label",
        "entity_id",
        "query",
        "name",
        "to",
        "form",
        "why",
    )
    for value in (*OTHERS[::3], "", "-1", "9" * 40, "NaN", "%00", "ж" * 300):
        part = quote(value, safe="") or "%20"
        for real in (part, docs[0].id):
            address = (
                endpoint.path.replace("{document_id}", real)
                .replace("{other_id}", part)
                .replace("{number}", part)
                .replace("{figure}", part)
            )
            query = urlencode(
                dict.fromkeys(
                    (
                        "search",
                        "language",
                        "since",
                        "page",
                        "before",
                        "to",
                        "decided",
                        "entity",
                        "also",
                        "least",
                        "weeks",
                        "order",
                    ),
                    value,
                )
            )
            form = {"token": make_token(app.state.secret, session)} | dict.fromkeys(names, value) | {"answer": "granted"}
            answer = client.post(address, data=form) if endpoint.post else client.get(f"{address}?{query}")
            assert answer.status_code < 500, (address, value, answer.text[-400:])
            if "{" not in endpoint.path:
                break


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_in_a_real_browser_nothing_runs_and_nothing_is_fetched(hostile: tuple[Path, list[Document]], chromium: Any) -> None:  # noqa: F811
    path, docs = hostile
    with run_server(path) as (_, address):
        context = chromium.new_context(viewport={"width": 1280, "height": 860})
        page, problems = context.new_page(), []
        page.set_default_timeout(60_000)
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(dialog.message))
        page.on("request", lambda r: None if urlsplit(r.url).hostname == "127.0.0.1" else problems.append(r.url))
        for where in (
            "/?show=all&decision=any",
            "/audit",
            "/requests",
            "/dashboard?weeks=all",
            "/export?search=x",
            "/explore/xabar/explore_items?_facet=title&_facet=source",
            "/explore/xabar/explore_sources",
            *(f"/item/{doc.id}" for doc in docs),
        ):
            page.goto(address + where)
            assert page.evaluate("window.owned") is None, where
        context.close()
    assert problems == []
