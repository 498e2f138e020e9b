"""The review page in a real Chromium: what a person does, with a keyboard, and without JavaScript."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pipeline.store import Store
from tests.test_review_sample import OVERRIDE, make_desk, make_doc, make_languages, make_mention
from tests.test_review_server import run_server

pytestmark = pytest.mark.browser
MISSING = "browser tests not run: no Chromium found; install Debian's package chromium, or run 'playwright install chromium'"
ARGUMENTS = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A running Chromium: the system's, else playwright's own."""
    playwright = pytest.importorskip("playwright.sync_api", reason=MISSING)
    with playwright.sync_playwright() as driver:
        found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
        path = next(found, driver.chromium.executable_path)
        if not Path(path).exists():
            pytest.skip(MISSING)
        # Chromium refuses its sandbox to root, as in a container.
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS + root)
        yield browser
        browser.close()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A served database with four languages and a hostile item at the end."""
    text = f'<script>document.title = "owned"</script> <img src="https://evil.example/x.png"> {OVERRIDE}Taliban'
    hostile = make_doc(
        5, title=f"<b>{OVERRIDE}x</b>", text=text, url="javascript:alert(1)", mentions=(make_mention(text, "Taliban"),)
    )
    with run_server(make_desk(tmp_path, [*make_languages(), hostile])) as (_, url):
        yield url


@pytest.fixture
def page(chromium: Any, address: str) -> Iterator[Any]:
    """A page that fails its test on a console message, a script error or a request beyond loopback; closed before the server."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
    opened, problems = context.new_page(), []
    opened.on("console", lambda message: problems.append(message.text))
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on(
        "request", lambda request: None if urlsplit(request.url).hostname in ("127.0.0.1", None) else problems.append(request.url)
    )
    opened.set_default_timeout(15_000)
    opened.problems = problems
    yield opened
    context.close()
    assert problems == []


DECIDE = """() => new Promise((done) => {
  const [begun, path] = [performance.now(), location.pathname];
  const look = () => (location.pathname !== path && document.querySelector(".saved") ? done(performance.now() - begun)
    : requestAnimationFrame(look));
  document.querySelector('[data-key="r"]').click();
  look();
})"""


def audited(folder: Path, action: str, subject: str) -> int:
    """How often the audit says so."""
    with Store.open(folder / "review.db") as store:
        return sum(row["action"] == action and json.loads(row["subject"]) == subject for row in store.ledger.audit(500))


def wait_until(holds: Callable[[], bool]) -> None:
    """At most five seconds."""
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def read_verdicts(folder: Path) -> list[tuple[str, str, str]]:
    with Store.open(folder / "review.db") as store:
        return [(d.document_id, d.reviewer, d.verdict) for doc in store.documents.all() for d in store.desk.decisions(doc.id)]


def test_person_decides_by_keyboard_and_lands_on_the_next_item(page: Any, address: str, tmp_path: Path) -> None:
    docs = make_languages()
    page.goto(address)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/item/{docs[0].id}")
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.name") == "reviewer"
    page.keyboard.type("N. K. runde")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.wait_for_url(f"**/item/{docs[1].id}?decided={docs[0].id}")
    assert read_verdicts(tmp_path) == [(docs[0].id, "N. K. runde", "relevant")]
    page.keyboard.press("n")
    page.wait_for_url(f"**/item/{docs[2].id}?decided={docs[1].id}")
    page.keyboard.press("z")
    page.wait_for_url(f"**/item/{docs[1].id}?undone=1")
    page.keyboard.press("u")
    page.wait_for_url(f"**/item/{docs[2].id}?decided={docs[1].id}")
    page.keyboard.press("c")
    page.wait_for_url(f"**/item/{docs[1].id}")
    assert [v[2] for v in read_verdicts(tmp_path)] == ["relevant", "unsure", "withdrawn", "not-relevant"]


def test_next_item_is_ready_and_counts_as_read_when_it_is_shown(page: Any, address: str, tmp_path: Path) -> None:
    docs = make_languages()
    page.goto(f"{address}/item/{docs[0].id}")
    page.fill("[name=reviewer]", "x")
    page.keyboard.press("Escape")
    page.keyboard.press("n")  # a new name: the ordinary way
    page.wait_for_url(f"**/item/{docs[1].id}?decided={docs[0].id}")
    waits = []
    for number in (1, 2):
        page.wait_for_selector("#decide[data-ready]")
        assert audited(tmp_path, "read", docs[number + 1].id) == 0, "fetched and not shown yet"
        assert audited(tmp_path, "fetched ahead", docs[number + 1].id) == 1
        waits.append(page.evaluate(DECIDE))
        page.wait_for_url(f"**/item/{docs[number + 1].id}?decided={docs[number].id}")
        assert docs[number + 1].title in page.locator("h1").inner_text()
        assert page.locator(".saved").is_visible()
        wait_until(lambda number=number: audited(tmp_path, "read", docs[number + 1].id) == 1)
    print(f"decision to next item, ms: {waits}")
    assert [row[2] for row in read_verdicts(tmp_path)] == ["not-relevant", "relevant", "relevant"]
    page.go_back()
    page.wait_for_function(f"document.querySelector('h1').innerText.includes({docs[2].title!r})")
    page.go_forward()
    page.wait_for_function(f"document.querySelector('h1').innerText.includes({docs[3].title!r})")
    page.keyboard.press("z")
    page.wait_for_url(f"**/item/{docs[2].id}?undone=1")
    assert page.evaluate("document.querySelectorAll('form#decide').length") == 1


def test_refused_decision_goes_the_ordinary_way_and_is_explained(page: Any, address: str, tmp_path: Path) -> None:
    docs = make_languages()
    page.goto(f"{address}/item/{docs[0].id}")
    page.fill("[name=reviewer]", "x")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_url(f"**/item/{docs[1].id}?**")
    page.wait_for_selector("#decide[data-ready]")
    page.evaluate("document.getElementById('decide').elements.token.value = 'old'")
    page.keyboard.press("r")
    page.wait_for_url(f"**/item/{docs[1].id}/decide**")
    assert "This form is out of date" in page.inner_text("main")
    assert len(read_verdicts(tmp_path)) == 1
    assert page.problems == ["Failed to load resource: the server responded with a status of 403 (Forbidden)"] * 2
    page.problems.clear()


def test_keys_work_under_a_cyrillic_layout_and_not_while_writing(page: Any, address: str, tmp_path: Path) -> None:
    docs = make_languages()
    page.goto(f"{address}/item/{docs[0].id}")
    page.fill("[name=reviewer]", "x")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.type("rund")
    assert page.input_value("[name=note]") == "rund"
    page.keyboard.press("Escape")
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'в', code: 'KeyD', bubbles: true}))")
    page.wait_for_url(f"**/item/{docs[1].id}?**")
    assert read_verdicts(tmp_path) == [(docs[0].id, "x", "defer")]


def test_arrows_walk_the_queue_and_help_opens(page: Any, address: str) -> None:
    docs = make_languages()
    page.goto(f"{address}/item/{docs[0].id}?show=all")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/item/{docs[1].id}?show=all")
    page.keyboard.press("k")
    page.wait_for_url(f"**/item/{docs[0].id}?show=all")
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog#keys").is_visible()
    page.keyboard.press("q")
    page.wait_for_url(f"{address}/?show=all")


def test_explanation_of_a_name_opens_on_focus(page: Any, address: str) -> None:
    page.goto(f"{address}/item/{make_languages()[4].id}")
    tip = page.locator("#tip-1")
    assert not tip.is_visible()
    page.locator("mark").first.focus()
    assert tip.is_visible()
    assert "Taliban movement" in tip.inner_text()


def test_hostile_item_runs_nothing_and_loads_nothing(page: Any, address: str) -> None:
    page.goto(f"{address}/item/{make_doc(5).id}")
    assert "owned" not in page.title()
    assert page.locator("article img").count() == 0
    assert "<script>" in page.locator(".text").inner_text()
    assert "U+202E" in page.locator("h1").inner_text()
    assert page.locator("a[href^='javascript']").count() == 0


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_window(page: Any, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", f"/item/{make_languages()[1].id}", f"/item/{make_doc(5).id}"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_person_without_javascript_decides_too(chromium: Any, address: str, tmp_path: Path) -> None:
    docs = make_languages()
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{address}/?language=tg")
    plain.get_by_role("link", name=docs[2].title).click()
    plain.fill("[name=reviewer]", "Sh.")
    plain.get_by_role("button", name="Not relevant").click()
    plain.wait_for_url(f"{address}/?language=tg&decided={docs[2].id}&end=1")
    assert "last item of this queue" in plain.inner_text("main")
    context.close()
    assert read_verdicts(tmp_path) == [(docs[2].id, "Sh.", "not-relevant")]
