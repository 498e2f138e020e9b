"""A page becomes a document or a reason: golden pages, hostile pages, and properties that hold for any bytes."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract import MAX_HTML_BYTES, extract
from pipeline.records import Document, Page, Reason, Skipped

PAGES = Path(__file__).parent / "pages"
FETCHED = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
PARAGRAPH = "Вазорат хабар дод, ки дар ноҳия мактаби нав сохта мешавад ва дар он чорсад хонанда таҳсил мекунад. "
SECONDS_PER_PAGE = 1.5  # of processor time; below one on a quiet machine


def make_page(
    body: bytes, content_type: str = "text/html", url: str = "https://news.example/a/1", **more: str
) -> Page:
    return Page(url, "sample", FETCHED, {"Content-Type": content_type}, body, **more)  # type: ignore[arg-type]  # only text fields


def extract_one(
    body: bytes, content_type: str = "text/html", url: str = "https://news.example/a/1", **more: str
) -> Document | Skipped:
    return extract([make_page(body, content_type, url, **more)])[0]


def read(body: bytes | str, **more: str) -> Document:
    outcome = extract_one(body.encode() if isinstance(body, str) else body, **more)
    assert isinstance(outcome, Document), outcome
    return outcome


def refuse(body: bytes, content_type: str = "text/html") -> Reason:
    outcome = extract_one(body, content_type)
    assert isinstance(outcome, Skipped), outcome
    assert outcome.stage == "extract"
    return outcome.reason


@pytest.mark.parametrize(
    ("name", "title", "published", "source", "first", "last", "paragraphs"),
    [
        (
            "uz-latn",
            "Qarshida yangi suv inshooti ishga tushirildi",
            "2026-09-22",
            "visible-text",
            "Qashqadaryo",
            "tayyorlanmoqda.",
            4,
        ),
        ("uz-cyrl", "Фарғонада пахта терими якунланди", "2026-06-14", "visible-text", "Фарғона", "ўрганилди.", 4),
        (
            "tg",
            "Дар Хуҷанд китобхонаи нав ба истифода дода шуд",
            "2026-09-22",
            "visible-text",
            "Дар шаҳри",
            "ройгон аст.",
            4,
        ),
        ("ru", "В Бишкеке открыли новый парк", "2026-09-22", "time", "В южной", "под открытым небом.", 5),
        ("en", "Museum of silk opens in Samarkand", "2026-09-22", "json-ld", "A museum", "four languages.", 3),
    ],
)
def test_golden_page_gives_its_article_and_the_right_day(
    name: str, title: str, published: str, source: str, first: str, last: str, paragraphs: int
) -> None:
    document = read((PAGES / f"{name}.html").read_bytes())
    assert (document.title, document.published, document.published_source) == (title, published, source)
    assert document.text.startswith(first)
    assert document.text.endswith(last)
    assert len(document.text.split("\n")) == paragraphs


def test_outcomes_keep_the_order_and_the_ids_of_the_pages() -> None:
    pages = [make_page(b""), make_page((PAGES / "tg.html").read_bytes()), make_page(b"\xff\xd8\xff\xe0jpeg")]
    outcomes = extract(pages)
    assert [outcome.id for outcome in outcomes] == [page.id for page in pages]
    assert [type(outcome) for outcome in outcomes] == [Skipped, Document, Skipped]
    document = outcomes[1]
    assert isinstance(document, Document)
    assert (document.url, document.source, document.fetched_at) == (pages[1].url, "sample", FETCHED)


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", "text/html", Reason.EMPTY),
        (b" \r\n\x00 ", "text/html", Reason.EMPTY),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 64, "text/html", Reason.NOT_TEXT),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "text/html; charset=utf-8", Reason.NOT_TEXT),
        (b"PK\x03\x04 docx", "text/html", Reason.NOT_TEXT),
        (bytes(range(32)) * 40, "text/html", Reason.NOT_TEXT),
        (b"%PDF-1.7 broken", "text/html", Reason.UNREADABLE),
        (
            b"<?xml version='1.0'?><rss><channel><title>x</title></channel></rss>",
            "application/rss+xml",
            Reason.NOT_AN_ARTICLE,
        ),
        (b'{"items": []}', "application/json", Reason.NOT_AN_ARTICLE),
        (
            b"<html><head><title>Page not found</title></head><body><h1>404</h1><p>Nothing here.</p></body></html>",
            "text/html",
            Reason.NOT_AN_ARTICLE,
        ),
        (
            b"<html><body><h1>Notice</h1><p>The office is closed on Friday, please come on Monday.</p></body></html>",
            "text/html",
            Reason.TOO_SHORT,
        ),
        (b"<html><body>" + b"a" * MAX_HTML_BYTES, "text/html", Reason.TOO_LARGE),
    ],
)
def test_expected_bad_input_is_skipped_with_its_reason(body: bytes, content_type: str, reason: Reason) -> None:
    assert refuse(body, content_type) is reason


def test_listing_is_no_article() -> None:
    assert refuse((PAGES / "listing.html").read_bytes()) is Reason.NOT_AN_ARTICLE
    links = "".join(f"<li><a href='/{number}'>{PARAGRAPH}</a></li>" for number in range(20))
    assert refuse(f"<html><body><ul>{links}</ul></body></html>".encode()) is Reason.NOT_AN_ARTICLE


def test_feed_hint_is_used_only_if_the_page_says_nothing() -> None:
    silent = f"<html><body><h1>Мактаби нав</h1><p>{PARAGRAPH * 5}</p></body></html>"
    hinted = read(silent, hint_published="Tue, 22 Sep 2026 10:00:00 +0500")
    assert (hinted.published, hinted.published_source) == ("2026-09-22", "feed")
    speaking = silent.replace("<p>", "<span class='date'>1 сентябри 2026</span><p>", 1)
    told = read(speaking, hint_published="2026-09-22T10:00:00Z")
    assert (told.published, told.published_source) == ("2026-09-01", "visible-text")
    assert read(silent).published is None


def test_future_days_are_not_believed_wherever_they_stand() -> None:
    page = (
        f"<html><head><meta property='article:published_time' content='2027-01-05'></head><body><h1>Мактаби нав</h1>"
        f"<span class='date'>20 ноябри 2026</span><p>{PARAGRAPH * 5}</p></body></html>"
    )
    document = read(page, hint_published="2027-02-01")
    assert (document.published, document.published_source) == ("2026-11-20", "visible-text")
    assert read(page.replace("20 ноябри 2026", ""), hint_published="2027-02-01").published is None
    assert read(page.replace("2027-01-05", "2026-11-25")).published == "2026-11-25", "a day ahead is a time zone"


def test_title_of_the_feed_stands_in_for_a_missing_one() -> None:
    page = f"<html><body><p>{PARAGRAPH * 5}</p></body></html>"
    assert read(page, hint_title="Мактаби нав").title == "Мактаби нав"


def test_plain_text_is_read_too() -> None:
    outcome = extract_one((PARAGRAPH * 5).encode(), "text/plain; charset=utf-8")
    assert isinstance(outcome, Document)
    assert outcome.text == (PARAGRAPH * 5).strip()


@pytest.mark.parametrize(
    "opening", ["<div>", "<b>", "<p>", "<table><tr><td>", "<ul><li>", "<a>", "<div class='comments'>", "<font>"]
)
def test_a_hundred_thousand_levels_neither_hang_nor_overflow(opening: str) -> None:
    started = time.process_time()
    extract_one((f"<html><body><p>{PARAGRAPH * 5}</p>" + opening * 100_000 + PARAGRAPH).encode())
    assert time.process_time() - started < SECONDS_PER_PAGE


@pytest.mark.parametrize(
    "script",
    [
        "[" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '{"@type": "NewsArticle", "author": "' + 'a", "' * 50_000,
        '{"@type": "NewsArticle", "datePublished": ' + "9" * 100_000 + "}",
        "[" + "{}," * 100_000 + "{}]",
        "{" + " " * 300_000 + ",",
    ],
)
def test_hostile_json_ld_costs_neither_the_page_nor_a_second(script: str) -> None:
    page = (
        f"<html><head><script type='application/ld+json'>{script}</script></head><body><h1>Мактаби нав</h1>"
        f"<span class='date'>20 ноябри 2026</span><p>{PARAGRAPH * 5}</p></body></html>"
    )
    started = time.process_time()
    assert read(page).published == "2026-11-20"
    assert time.process_time() - started < SECONDS_PER_PAGE


@pytest.mark.parametrize(
    "filler",
    [
        "<p>a</p>",
        "<span class='" + "date-" * 20 + "'>1.1.</span>",
        "<i>a</i> ",
        "<time datetime='2026-09-22'>",
        "<h1>",
        "<i itemprop='datePublished'>2026-09-22",
        "<div class='related date'>22.09.2026",
        "a " * 8,
        "<br>",
        "&nbsp;",
        "<a href=x>a</a>",
    ],
)
def test_a_big_page_is_done_in_about_a_second(filler: str) -> None:
    body = f"<html><body><h1>Мактаби нав</h1><p>{PARAGRAPH * 5}</p>{filler * (3_000_000 // len(filler))}</body></html>".encode()
    started = time.process_time()
    extract_one(body)
    assert time.process_time() - started < SECONDS_PER_PAGE


def test_entities_are_not_expanded_and_nothing_local_is_read() -> None:
    bomb = (
        "<!DOCTYPE html [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
        f"<html><body><h1>Мактаби нав</h1><p>{PARAGRAPH * 5} &b; &x;</p></body></html>"
    )
    text = read(bomb).text
    assert "aaaa" not in text
    assert Path("/etc/hostname").read_text().strip() not in text if Path("/etc/hostname").exists() else True


def test_lone_surrogates_and_nul_never_reach_the_document() -> None:
    page = (
        '<html><head><script type="application/ld+json">{"@type": "Article", "headline": "Мактаб \\ud800 нав \\u0000"}</script>'
        f"<body><p>{PARAGRAPH * 5} &#0; &#xD800; \x00 \x0b</p></body></html>"
    )
    document = read(page)
    for value in (document.title, document.text):
        value.encode("utf-8")
        assert not set(value) & {"\x00", "\x0b"}


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=2000),
    st.sampled_from(["text/html", "text/html; charset=utf-8", "application/pdf", "text/plain; charset=idna", ""]),
)
def test_any_bytes_end_in_a_document_or_a_reason(noise: bytes, content_type: str) -> None:
    for body in (noise, b"<html><body><p>" + noise, b"%PDF-1.4\n" + noise):
        outcome = extract_one(body, content_type)
        assert isinstance(outcome, Document | Skipped)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=60), st.sampled_from(["p", "div", "td", "li", "article", "h2"]))
def test_any_characters_leave_a_text_that_databases_can_hold(words: str, name: str, tag: str) -> None:
    body = f"<html><head><title>{name}</title></head><body><h1>{name}</h1><{tag}>{PARAGRAPH * 3}{words}</{tag}></body></html>"
    outcome = extract_one(body.encode("utf-8", "surrogatepass"))
    if isinstance(outcome, Document):
        for value in (outcome.title, outcome.text):
            assert "\x00" not in value
            assert "\r" not in value
            value.encode("utf-8")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="<>/=\"' abcdivpspanmetatimescript{}[]:,0123456789-&;#", max_size=400))
def test_any_markup_gives_the_same_answer_twice(markup: str) -> None:
    body = f"<html><body><p>{PARAGRAPH * 3}</p>{markup}</body></html>".encode()
    assert extract_one(body) == extract_one(body)
