"""What the review page refuses, and the headers on everything it answers."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pipeline.review.app import make_app
from pipeline.review.display import show, web_address
from pipeline.store import Store
from tests.test_review_sample import HOST, make_desk, make_doc, open_client, read_token

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def check_headers(response: Any) -> None:
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/?language=xx", 200),
        ("GET", "/item/ID", 200),
        ("GET", "/item/none", 404),
        ("GET", "/none", 404),
        ("GET", "/static/review.css", 200),
        ("GET", "/static/review.js", 200),
        ("GET", "/static/icon.svg", 200),
        ("HEAD", "/", 200),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
        ("POST", "/", 405),
        ("POST", "/item/ID", 405),
        ("GET", "/item/ID/decide", 405),
        ("DELETE", "/item/ID", 405),
        ("PUT", "/item/ID/decide", 405),
        ("POST", "/item/ID/decide", 415),
    ],
)
def test_every_answer_is_hardened(tmp_path: Path, method: str, address: str, status: int) -> None:
    doc = make_doc(0)
    response = open_client(make_desk(tmp_path, [doc])).request(method, address.replace("ID", doc.id))
    assert response.status_code == status
    check_headers(response)


def test_database_errors_and_crashes_are_hardened_pages_too(tmp_path: Path) -> None:
    check_headers(open_client(tmp_path / "none.db").get("/"))
    app = make_app(tmp_path / "none.db")
    app.state.db_path = 7
    response = TestClient(app, base_url=HOST, raise_server_exceptions=False).get("/")
    assert response.status_code == 500
    assert "An error of ours" in response.text
    assert "Traceback" not in response.text
    check_headers(response)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "", "127.0.0.1@evil.example", "0.0.0.0"]
)
def test_foreign_host_is_refused(tmp_path: Path, host: str) -> None:
    response = open_client(make_desk(tmp_path, [make_doc(0, title="Secret title")])).get("/", headers={"host": host})
    assert response.status_code == 400
    assert "Secret title" not in response.text
    assert "rebinding" in response.text
    check_headers(response)


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "localhost", "LOCALHOST:8000", "[::1]:8000", "[::1]"])
def test_own_hosts_are_answered(tmp_path: Path, host: str) -> None:
    assert open_client(make_desk(tmp_path, [make_doc(0)])).get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": HOST, "sec-fetch-site": "cross-site"},
    ],
)
def test_post_from_another_site_is_refused(tmp_path: Path, headers: dict[str, str]) -> None:
    assert send(tmp_path, headers=headers) == (403, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": HOST},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"origin": HOST, "sec-fetch-site": "same-origin"},
    ],
)
def test_post_from_our_own_page_is_taken(tmp_path: Path, headers: dict[str, str]) -> None:
    assert send(tmp_path, headers=headers) == (303, 1)


@pytest.mark.parametrize("token", ["", "0" * 64, "ж"])
def test_post_without_the_right_token_is_refused(tmp_path: Path, token: str) -> None:
    assert send(tmp_path, token=token) == (403, 0)


def test_token_of_another_browser_or_without_cookie_is_refused(tmp_path: Path) -> None:
    doc = make_doc(0)
    app = make_app(make_desk(tmp_path, [doc]))
    mine, theirs = (TestClient(app, base_url=HOST, follow_redirects=False) for _ in range(2))
    token = read_token(mine.get(f"/item/{doc.id}").text)
    theirs.get(f"/item/{doc.id}")
    form = {"token": token, "verdict": "relevant", "reviewer": "x"}
    assert theirs.post(f"/item/{doc.id}/decide", data=form).status_code == 403
    assert TestClient(app, base_url=HOST).post(f"/item/{doc.id}/decide", data=form).status_code == 403
    assert mine.post(f"/item/{doc.id}/decide", data=form).status_code == 303


def test_huge_form_is_refused(tmp_path: Path) -> None:
    assert send(tmp_path, note="x" * 100_000) == (413, 0)
    doc = make_doc(0)
    fields = "&".join(f"f{n}=1" for n in range(60))
    response = open_client(tmp_path / "review.db").post(
        f"/item/{doc.id}/decide", content=fields, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert response.status_code == 400
    assert "too many fields" in response.text


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://example.org/a?b=c", True),
        ("http://127.0.0.1/x", True),
        ("javascript:alert(1)", False),
        ("JAVASCRIPT:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org/", False),
        ("https:///x", False),
        ("http://[bad", False),
        ("file:///etc/hosts", False),
        ("https://example.org/\u202egpj.exe", False),
        (" javascript:alert(1)", False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(url: str, is_link: bool) -> None:
    assert (web_address(url) == url) is is_link


def test_hidden_characters_are_written_out_and_words_keep_their_joiners() -> None:
    for char in "\u202a\u202e\u2066\u2069\u200b\x00\x1b\x7f\x9b\ufeff":
        assert show(f"a{char}b") == f'a<span class="hidden-char">U+{ord(char):04X}</span>b'
    assert show("oʻqituvchi\u200c ‘x’\tз\n") == "oʻqituvchi\u200c ‘x’\tз\n"


def send(folder: Path, *, headers: dict[str, str] | None = None, **fields: str) -> tuple[int, int]:
    """Open an item, post a decision with these changes: the answer's status and how many decisions stand."""
    doc = make_doc(0)
    path = make_desk(folder, [doc])
    client = open_client(path)
    token = read_token(client.get(f"/item/{doc.id}").text)
    form = {"token": token, "verdict": "relevant", "reviewer": "N. K."} | fields
    response = client.post(f"/item/{doc.id}/decide", data=form, headers=headers or {})
    check_headers(response)
    with Store.open(path) as store:
        return response.status_code, len(store.desk.decisions(doc.id))
