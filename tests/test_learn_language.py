"""Corrected languages become a model: what it learns, when it may go live, what a run does with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.language.adapt import CLASSES, fit_shifts, load_shifted, read_classes
from pipeline.language import assign_language
from pipeline.learn.catalogue import find_differences
from pipeline.learn.loop import Workshop, promote, rollback, train
from pipeline.live import load_shifts
from pipeline.records import Document
from pipeline.store import Store
from tests.conftest import FETCHED, make_page

UZBEK = "Toshkentda yangi kutubxona ochildi, unda bolalar uchun yigirma mingdan ortiq kitob bor, dedi kutubxonachi ayol {}."
RUSSIAN = "В городе открылась новая библиотека, в которой больше двадцати тысяч книг для детей, сказал директор номер {}."


def be_quiet(what: str, done: int, total: int) -> None:
    assert 0 <= done <= total, what


def make_doc(number: int, text: str, language: str, script: str) -> Document:
    page = make_page(number)
    doc = Document(page.id, page.url, "sinov", FETCHED, "", text, language=language, script=script, language_confidence=1.0)
    return replace(doc, cluster_id=f"story-{number}")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    """Forty documents, half Uzbek and half Russian, on all of which somebody decided."""
    texts = tmp_path / "texts"
    texts.mkdir()
    with Store.open(tmp_path / "x.db", create=True) as store:
        docs = [
            make_doc(n, (UZBEK if n % 2 else RUSSIAN).format(n), *(("uz", "Latn") if n % 2 else ("ru", "Cyrl")))
            for n in range(40)
        ]
        for number in range(40):
            store.pages.save(make_page(number), "x.warc.gz", number)
        store.documents.save(docs)
        for doc in docs:
            store.desk.decide(doc.id, "zarina", "not-relevant")
        yield Workshop(store, be_quiet, texts)


def test_what_is_always_right_needs_no_shift() -> None:
    probabilities = np.full((30, len(CLASSES)), 1e-6)
    probabilities[:, 0] = 1.0
    assert fit_shifts(probabilities, [CLASSES[0]] * 30, np.ones(30)) == {}


def test_a_class_that_is_corrected_again_and_again_becomes_likelier_and_never_certain() -> None:
    doubtful = np.full((60, len(CLASSES)), 1e-6)
    doubtful[:, CLASSES.index("uz-Cyrl")], doubtful[:, CLASSES.index("tg")] = 0.6, 0.4
    shifts = fit_shifts(doubtful, ["tg"] * 60, np.ones(60))
    assert 0 < shifts["tg"] <= 2.0
    assert shifts["uz-Cyrl"] < 0
    assert load_shifted(shifts).detect(RUSSIAN).language == "ru"
    with pytest.raises(ValueError, match="unknown class 'xx'"):
        load_shifted({"xx": 1.0})


def test_probabilities_of_our_classes_are_those_of_the_detector() -> None:
    (row,) = read_classes([RUSSIAN])
    assert CLASSES[int(row.argmax())] == "ru"
    assert row.sum() == pytest.approx(1.0)
    assert read_classes(["123"])[0, CLASSES.index("und")] == 1.0


def test_a_model_is_trained_promoted_used_and_taken_back(shop: Workshop) -> None:
    model = train(shop, "language")
    assert train(shop, "language") == model
    assert promote(shop, model.id) == []
    assert shop.store.models.live("language") == model.id
    assert load_shifts(shop.store).keys() <= set(CLASSES)
    docs = assign_language(list(shop.store.documents.all()), {"uz-Latn": -2.0})
    assert {doc.language for doc in docs} == {"uz", "ru"}
    assert find_differences(shop.store, "shipped", model.id, be_quiet) == []
    assert rollback(shop.store, "language") == (model.id, "shipped")
    assert load_shifts(shop.store) == {}


def test_a_correction_is_what_the_model_learns_from(shop: Workshop) -> None:
    doc = next(doc for doc in shop.store.documents.all() if doc.language == "uz")
    before = train(shop, "language")
    shop.store.corrections.add(doc.id, "zarina", "language", {"language": "ru"})
    after = train(shop, "language")
    assert before.id != after.id
    assert before.manifest["data"]["sha256"] != after.manifest["data"]["sha256"]
