"""The interface in four languages: every word has its translation, placeholders survive, and the choice is kept."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from pipeline.review.messages import collect
from pipeline.review.translation import COOKIE, INTERFACE, LOCALE
from tests.test_review_sample import make_desk, make_languages, open_client, read_token

LANGUAGES = sorted(INTERFACE.keys() - {"en"})
WORDS = {"en": "Relevant", "uz": "Aloqador", "ru": "Относится", "tg": "Марбут"}
PLACE = re.compile(r"%\((\w+)\)s|%%")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_keeps_its_places(language: str) -> None:
    with (LOCALE / f"{language}.po").open("rb") as file:
        known = read_po(file, locale=language)
    wanted = {message.id[0] if message.pluralizable else message.id: message for message in collect() if message.id}
    assert {message.id[0] if message.pluralizable else message.id for message in known if message.id} == wanted.keys()
    for key, message in wanted.items():
        found = known.get(key)
        assert found is not None
        texts = found.string if message.pluralizable else (found.string,)
        assert all(texts), key
        assert all(sorted(PLACE.findall(text)) == sorted(PLACE.findall(key)) for text in texts), key


@pytest.mark.parametrize("language", sorted(INTERFACE))
def test_pages_speak_the_chosen_language(tmp_path: Path, language: str) -> None:
    docs = make_languages()
    client = open_client(make_desk(tmp_path, docs))
    token = read_token(client.get("/").text)
    answer = client.post("/language", data={"token": token, "language": language, "to": "/me"})
    assert answer.headers["location"] == "/me"
    assert client.cookies[COOKIE] == language
    page = client.get(f"/item/{docs[0].id}").text
    assert f'<html lang="{language}">' in page
    assert WORDS[language] in page
    paths = ("/", "/?search=x&second=asked", "/agreement", "/me", "/requests", "/candidates", "/audit", "/enough", "/nothing")
    for path in paths:
        assert f'<html lang="{language}">' in client.get(path).text


def test_what_the_code_says_is_in_the_pages_language_too(tmp_path: Path) -> None:
    client = open_client(make_desk(tmp_path, make_languages()))
    client.cookies.set(COOKIE, "ru")
    page = client.get("/?search=x&since=2026-01-01&nonsense=1&page=0").text
    for words in ("Слова: x", "С 2026-01-01", "«nonsense» — не фильтр", "page «0» — не число от 1"):
        assert words in page
    assert "По этому адресу нет страницы." in client.get("/nothing").text
    refused = client.post("/requests/gazetteer", data={"token": read_token(page)})
    assert "В предложении должны быть форма" in refused.text
    assert "форма устарела" in client.post("/undo", data={"token": "x"}).text


def test_the_browsers_wish_counts_until_something_is_chosen(tmp_path: Path) -> None:
    client = open_client(make_desk(tmp_path, make_languages()))
    assert '<html lang="tg">' in client.get("/", headers={"accept-language": "fa;q=0.9, tg-TJ, ru;q=0.5"}).text
    assert '<html lang="en">' in client.get("/", headers={"accept-language": "xx, ;;;, " + "a" * 5000}).text
    token = read_token(client.get("/").text)
    assert client.post("/language", data={"token": token, "language": "xx", "to": "//evil.example"}).headers["location"] == "/"
    assert COOKIE not in client.cookies
