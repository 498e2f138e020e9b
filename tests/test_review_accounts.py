"""Accounts: signing in and out, what each role may do at each address, guessing slowed down, the reverse proxy's header."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pipeline.config import load_config
from pipeline.records import Stop
from pipeline.review.app import ENDPOINTS, make_app
from pipeline.review.password import hash_password, is_password
from pipeline.review.security import make_token
from pipeline.review.server import serve
from pipeline.review.signing import safe_path
from pipeline.review.throttle import Throttle
from pipeline.store import Store
from pipeline.store.accounts import ROLES
from tests.test_review_sample import HOST, make_desk, make_doc, read_token

PASSWORD = "olma nok behi uzum"  # noqa: S105  of accounts that only the tests have
# Made once: argon2 is slow on purpose.
HASH = hash_password(PASSWORD)


def open_with_accounts(folder: Path, **options: Any) -> Any:
    """An application over two items in which each role has a user of its name."""
    path = make_desk(folder, [make_doc(0), make_doc(1)])
    with Store.open(path) as store:
        for role in ROLES:
            store.accounts.add(role, role, HASH)
    return make_app(path, **options)


def sign_in(app: Any, name: str, password: str = PASSWORD, to: str = "") -> tuple[TestClient, Any]:
    client = TestClient(app, base_url=HOST, follow_redirects=False)
    token = read_token(client.get("/sign-in").text)
    return client, client.post("/sign-in", data={"token": token, "name": name, "password": password, "to": to})


def open_session(app: Any, role: str) -> tuple[TestClient, str]:
    """A browser in which this role is signed in, and its form token."""
    session = f"{ROLES.index(role):032x}"
    with Store.open(app.state.db_path) as store:
        store.accounts.open_session(role, session, 1.0)
    client = TestClient(app, base_url=HOST, follow_redirects=False, cookies={"xabar_session": session})
    return client, make_token(app.state.secret, session)


def fill(path: str) -> str:
    """An address with something in each of its places."""
    real = {"document_id": make_doc(0).id, "other_id": make_doc(1).id, "number": "1", "figure": "places", "token": "0" * 32}
    return re.sub(r"{(\w+)}", lambda place: real[place[1]], path)


def test_a_signed_in_analyst_decides_under_their_own_name_only(tmp_path: Path) -> None:
    app, doc = open_with_accounts(tmp_path), make_doc(0)
    client, answer = sign_in(app, "analyst", to=f"/item/{doc.id}?language=en")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/item/{doc.id}?language=en")
    page = client.get(f"/item/{doc.id}").text
    assert "Sign out" in page
    assert 'name="reviewer"' not in page
    client.post(f"/item/{doc.id}/decide", data={"token": read_token(page), "verdict": "relevant", "reviewer": "lead"})
    with Store.open(app.state.db_path) as store:
        assert [decision.reviewer for decision in store.desk.decisions(doc.id)] == ["analyst"]


def test_signing_in_makes_a_new_session_and_signing_out_ends_it(tmp_path: Path) -> None:
    app = open_with_accounts(tmp_path)
    client = TestClient(app, base_url=HOST, follow_redirects=False)
    token = read_token(client.get("/sign-in").text)
    before = client.cookies["xabar_session"]
    answer = client.post("/sign-in", data={"token": token, "name": "lead", "password": PASSWORD})
    after = client.cookies["xabar_session"]
    assert before != after
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "max-age=43200" in cookie
    with Store.open(app.state.db_path) as store:
        assert store.accounts.session_user(before) is None
    client.post("/sign-out", data={"token": read_token(client.get("/").text)})
    client.cookies.set("xabar_session", after)
    assert client.get("/").headers["location"] == "/sign-in?to=%2F"


def test_a_session_ends_with_its_time_and_with_a_change_of_the_account(tmp_path: Path) -> None:
    app = open_with_accounts(tmp_path)
    client, _ = open_session(app, "lead")
    assert client.get("/").status_code == 200
    with Store.open(app.state.db_path) as store:
        store.accounts.change("lead", role="reader")
        assert store.accounts.session_user(client.cookies["xabar_session"]) is None
        store.accounts.open_session("lead", "f" * 32, -0.1)
        assert store.accounts.session_user("f" * 32) is None
        store.accounts.open_session("lead", "e" * 32, 1)
        store.accounts.change("lead", active=False)
        assert store.accounts.session_user("e" * 32) is None
    assert client.get("/").status_code == 303
    assert sign_in(app, "lead")[1].status_code == 403


@pytest.mark.parametrize(
    ("name", "password"), [("analyst", "wrong"), ("nobody", PASSWORD), ("", ""), ("analyst", PASSWORD + "x")]
)
def test_a_wrong_password_says_no_more_than_that(tmp_path: Path, name: str, password: str) -> None:
    client, answer = sign_in(open_with_accounts(tmp_path), name, password)
    assert answer.status_code == 403
    assert "do not belong together" in answer.text
    assert client.get("/").status_code == 303


def test_guessing_is_slowed_down_by_name_and_by_address(tmp_path: Path) -> None:
    app = open_with_accounts(tmp_path)
    statuses = [sign_in(app, "analyst", "wrong")[1].status_code for _ in range(6)]
    assert statuses == [403] * 5 + [429]
    assert sign_in(app, "analyst")[1].status_code == 429, "the right password waits too"
    assert sign_in(app, "lead")[1].status_code == 303, "another name does not"
    time = [0.0]
    throttle = Throttle(lambda: time[0])
    for number in range(25):
        throttle.fail(f"name {number}", "10.0.0.1")
    assert throttle.wait("new name", "10.0.0.1") > 60
    assert throttle.wait("new name", "10.0.0.2") == 0
    time[0] = 4000.0
    assert throttle.wait("new name", "10.0.0.1") == 0


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{'POST' if e.post else 'GET'} {e.path}")
def test_every_address_asks_for_its_role_and_every_form_for_its_token(tmp_path: Path, endpoint: Any) -> None:
    app, address = open_with_accounts(tmp_path), fill(endpoint.path)
    nobody = TestClient(app, base_url=HOST, follow_redirects=False)
    if not endpoint.role:
        assert nobody.request(
            "POST" if endpoint.post else "GET", address, data={"x": "1"} if endpoint.post else None
        ).status_code in (200, 403, 404)
        return
    answer = nobody.post(address, data={"x": "1"}) if endpoint.post else nobody.get(address)
    assert answer.status_code == (401 if endpoint.post else 303)
    for role in ROLES:
        client, token = open_session(app, role)
        may = ROLES.index(role) >= ROLES.index(endpoint.role)
        if endpoint.post:
            assert client.post(address, data={"token": ""}).status_code == 403
            assert client.post(address, data={"token": make_token(app.state.secret, "f" * 32)}).status_code == 403
        answer = client.post(address, data={"token": token}) if endpoint.post else client.get(address)
        refused = answer.status_code == 403 and "needs the role" in answer.text
        assert refused is not may, (role, answer.status_code)
        assert answer.status_code < 500
    with Store.open(app.state.db_path) as store:
        assert store.desk.decisions(make_doc(0).id) == []


def test_reads_and_sign_ins_are_in_the_audit_by_name(tmp_path: Path) -> None:
    app, doc = open_with_accounts(tmp_path), make_doc(0)
    client, _ = sign_in(app, "reader")
    client.get(f"/item/{doc.id}")
    sign_in(app, "reader", "wrong")
    sign_in(app, "a password typed as a name", "wrong")
    with Store.open(app.state.db_path) as store:
        rows = store.ledger.audit(50)
        assert store.ledger.first_broken_link() is None
    said = [(row["actor"], row["action"]) for row in rows]
    assert {("reader", "sign in"), ("reader", "sign in refused"), ("reader", "read")} <= set(said)
    assert not any("typed" in str(dict(row)) for row in rows)
    assert PASSWORD not in str(rows)


def test_a_proxy_names_the_user_and_nobody_else_can(tmp_path: Path) -> None:
    settings = replace(load_config().review, proxy_header="X-Remote-User", proxy_addresses=("10.1.1.1",))
    app = open_with_accounts(tmp_path, settings=settings)
    for address, names, status in (
        ("10.1.1.1", ["reader"], 200),
        ("10.1.1.1", ["somebody"], 303),
        ("10.1.1.1", [], 303),
        ("10.1.1.1", ["reader", "admin"], 303),
        ("10.1.1.2", ["reader"], 303),
    ):
        client = TestClient(app, base_url=HOST, follow_redirects=False, client=(address, 5))
        assert client.get("/", headers=[("X-Remote-User", name) for name in names]).status_code == status, (address, names)
    assert sign_in(app, "reader")[1].status_code == 403, "no passwords beside the proxy"


def test_behind_https_the_cookie_is_secure_and_the_public_name_is_answered(tmp_path: Path) -> None:
    settings = replace(load_config().review, public_url="https://review.example.org")
    app = open_with_accounts(tmp_path, settings=settings)
    client = TestClient(app, base_url="https://review.example.org", follow_redirects=False)
    assert "secure" in client.get("/sign-in").headers["set-cookie"].lower()


def test_without_accounts_only_loopback_is_served_and_the_page_says_so(tmp_path: Path) -> None:
    path = make_desk(tmp_path, [make_doc(0)])
    assert "Single-user mode" in TestClient(make_app(path), base_url=HOST).get("/").text
    client = TestClient(make_app(path, may_be_alone=False), base_url=HOST, follow_redirects=False)
    assert client.get("/").status_code == 303
    with pytest.raises(Stop, match="nobody has an account yet"):
        serve(path, "0.0.0.0", 0, reviewer=None)


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "x", "/a\nb"]
)
def test_after_signing_in_nobody_is_led_elsewhere(wanted: str) -> None:
    assert safe_path(wanted) == "/"


def test_passwords_are_kept_as_argon2id_and_short_ones_refused() -> None:
    assert HASH.startswith("$argon2id$")
    assert is_password(HASH, PASSWORD)
    assert not is_password(HASH, PASSWORD.upper())
    assert not is_password(None, "nobody has this password")
    assert not is_password("no hash", PASSWORD)
    with pytest.raises(Stop, match="12 to 500"):
        hash_password("short")


def test_the_commands_make_change_and_list_accounts(tmp_path: Path) -> None:
    path = tmp_path / "x.db"

    def xabar(*arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pipeline.cli", "users", *arguments, "--db", str(path)]
        return subprocess.run(command, input=said, capture_output=True, text=True, timeout=60, check=False)

    assert xabar("add", "Гулнора", "--role", "lead", said=PASSWORD + "\n").returncode == 0
    assert xabar("add", "Гулнора", said=PASSWORD).returncode == 2
    assert "12 to 500" in xabar("add", "Timur", said="short\n").stderr
    assert "known: reader" in xabar("add", "Timur", "--role", "chief", said=PASSWORD).stderr
    assert xabar("add", "Timur", "--no-password").returncode == 0
    assert xabar("change", "Timur", "--off").returncode == 0
    assert "unknown" in xabar("change", "Nobody", "--off").stderr
    listed = xabar("list").stdout
    assert "Гулнора  lead  password" in listed
    assert "Timur  analyst  reverse proxy  shut" in listed
    assert "argon2" not in listed + path.with_name("x-audit-head.txt").read_text()
