"""Corrected names become heads: what they learn, what may not be learned, when they may go live, what a run does with them."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.encoder.corpus import Sentence
from models.encoder.encode import BrokenModel
from models.entities.adapt import dump_heads, fit_heads, keep_labelled, load_shipped, parse_heads, read_labelled
from pipeline.entities import find_entities
from pipeline.learn import names
from pipeline.learn.catalogue import find_differences
from pipeline.learn.loop import SNAPSHOT, Workshop, evaluate, promote, rollback, train
from pipeline.learn.snapshot import TEXTS
from pipeline.live import load_heads
from pipeline.names import find_names
from pipeline.records import Document, Stop
from pipeline.store import Store
from tests.conftest import FETCHED, make_page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
LANGUAGES = ("ru", "en")
DOCUMENTS, HELD_BACK, SEEDS = 24, 70, 30  # of each language


def be_quiet(what: str, done: int, total: int) -> None:
    assert 0 <= done <= total, what


def read_rows(kind: str, language: str) -> list[dict[str, Any]]:
    lines = (TEXTS / f"{kind}.{language}.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if any(span[2] in names.KINDS for span in row.get("spans", ()))]


@pytest.fixture(scope="module")
def documents() -> list[tuple[Document, dict[str, Any]]]:
    """Written texts as the shipped model reads them, each with the names that its writer marked."""
    found = []
    for language in LANGUAGES:
        for row in read_rows("written", language)[:DOCUMENTS]:
            page = make_page(len(found))
            doc = Document(page.id, page.url, "sinov", FETCHED, "", row["text"], language=language, script=row["script"],
                           language_confidence=1.0, cluster_id=f"story-{row['id']}", score=0.9, flagged=True)  # fmt: skip
            found.append((doc, row))
    read = find_names(find_entities([doc for doc, _ in found]), cascade=False)
    return [(replace(doc, vectors=None, sense=None), row) for doc, (_, row) in zip(read, found, strict=True)]


@pytest.fixture
def shop(tmp_path: Path, documents: list[tuple[Document, dict[str, Any]]]) -> Iterator[Workshop]:
    texts = tmp_path / "texts"
    texts.mkdir()
    for language in LANGUAGES:
        for kind, most in (("first", SEEDS), ("heldback", HELD_BACK)):
            lines = [json.dumps(row, ensure_ascii=False) for row in read_rows(kind, language)[:most]]
            (texts / f"{kind}.{language}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with Store.open(tmp_path / "x.db", create=True) as store:
        for number in range(len(documents)):
            store.pages.save(make_page(number), "x.warc.gz", number)
        store.documents.save([doc for doc, _ in documents])
        yield Workshop(store, be_quiet, texts)


def correct(store: Store, documents: list[tuple[Document, dict[str, Any]]], flipped: str = "", share: float = 0.0) -> int:
    """A careful reviewer adds what is missing and takes off what is wrong; in `flipped` a share of names is taken off."""
    chance, count = random.Random(3), 0  # noqa: S311  a repeatable choice, no secret
    for doc, row in documents:
        wanted = {(start, end, label) for start, end, label, _ in row["spans"] if label in ("ORG", "LOC")}
        found = {(m.start, m.end, m.label) for m in doc.mentions if m.label in ("ORG", "LOC")}
        if doc.language == flipped:
            wanted = {span for span in sorted(wanted) if chance.random() >= share}
        edits = [("add", span) for span in sorted(wanted - found)] + [("remove", span) for span in sorted(found - wanted)]
        for action, (start, end, label) in edits:
            value = {"action": action, "start": start, "end": end, "label": label, "entity_id": None}
            store.corrections.add(doc.id, "zarina", "entities", value)
            count += 1
    return count


def test_heads_survive_being_written_and_are_refused_beside_another_encoder() -> None:
    heads = load_shipped()
    again = parse_heads(dump_heads(heads))
    assert all(np.array_equal(heads[language][0], again[language][0]) for language in heads)
    other = dump_heads(heads).replace('"encoder": "encoder-', '"encoder": "another-')
    with pytest.raises(BrokenModel, match="were trained on another-1 and not on encoder-1; train them again"):
        parse_heads(other)


def test_a_head_learns_what_it_is_shown_and_other_languages_stay() -> None:
    text = "Marks & Spooner hired forty people, and Ostrava Mills hired nine."
    spans = ((0, 15, "ORG"), (40, 53, "ORG"))
    start = load_shipped()
    read = read_labelled([(Sentence(text, spans, "en", "en"), 1.0)] * 4, start)
    heads = fit_heads(read, start, pull=1e-5)
    assert all(np.array_equal(heads[language][0], start[language][0]) for language in ("uz", "tg", "ru"))
    tagger = names.make_judge(dump_heads(heads))
    assert {(n.start, n.end, n.kind) for n in tagger.find([("en", text)])[0]} == set(spans)


def test_of_overlapping_names_the_longest_is_learned() -> None:
    sentence = Sentence("x" * 40, ((0, 9, "ORG"), (3, 9, "LOC"), (12, 20, "TERM"), (22, 30, "LOC")), "en", "en")
    assert keep_labelled(sentence, names.KINDS).spans == ((0, 9, "ORG"), (22, 30, "LOC"))


def test_an_unlabelled_person_teaches_nothing_and_stands_in_no_snapshot(
    shop: Workshop, documents: list[tuple[Document, dict[str, Any]]]
) -> None:
    person = "Valentina Orlovskaya"
    sentence = Sentence(f"{person} works in the town of Dresden.", ((43, 50, "LOC"),), "en", "en")
    (read,) = read_labelled([(sentence, 1.0)], load_shipped())
    assert [sentence.text[start:end] for start, end in read.words][:2] == ["works", "in"], "her words are left out"
    assert correct(shop.store, documents) > 20
    model = train(shop, "entities")
    written = (shop.folder / model.id / SNAPSHOT).read_text("utf-8")
    entries = [json.loads(line) for line in written.splitlines()]
    assert {key for entry in entries for key in entry} == {
        "place", "family", "origin", "part", "at", "route", "language", "spans", "sha256"
    }  # fmt: skip
    corrected = [entry for entry in entries if entry["origin"] == "correction"]
    assert {entry["part"] for entry in corrected} == {"train", "test"}
    assert not {entry["family"] for entry in corrected if entry["part"] == "train"} & {
        entry["family"] for entry in corrected if entry["part"] == "test"
    }


def test_corrected_names_are_trained_promoted_used_and_taken_back(
    shop: Workshop, documents: list[tuple[Document, dict[str, Any]]]
) -> None:
    correct(shop.store, documents)
    model = train(shop, "entities")
    assert train(shop, "entities") == model, "the same data, code and seed are the same model"
    report = evaluate(shop, model.id)
    assert {"ru", "en"} <= report["languages"].keys()
    assert promote(shop, model.id) == [], report["languages"]
    heads = load_heads(shop.store)
    assert heads is not None
    doc = documents[0][0]
    assert find_names([doc], cascade=False, heads=heads)[0].vectors is not None
    rows = find_differences(shop.store, "shipped", model.id, be_quiet)
    assert all("PER" not in row["why"] for row in rows)
    assert rollback(shop.store, "entities") == (model.id, "shipped")
    assert load_heads(shop.store) is None


def test_names_taken_off_in_one_language_are_refused_naming_it(
    shop: Workshop, documents: list[tuple[Document, dict[str, Any]]]
) -> None:
    correct(shop.store, documents, flipped="ru", share=0.3)
    reasons = promote(shop, train(shop, "entities").id)
    assert reasons
    assert all(reason.startswith("ru: f1 gets worse") for reason in reasons)
    assert shop.store.models.live("entities") == "shipped"


def test_a_text_that_changed_is_named(shop: Workshop, documents: list[tuple[Document, dict[str, Any]]]) -> None:
    correct(shop.store, documents[:3])
    model = train(shop, "entities")
    first = shop.texts / "heldback.en.jsonl"
    first.write_text(first.read_text("utf-8").replace(" the ", " a ", 1), encoding="utf-8")
    with pytest.raises(Stop, match=r"heldback heldback\.en\.jsonl \d+ is another text now; make a new model"):
        evaluate(shop, model.id)


def test_without_anything_to_measure_with_the_reason_is_said(tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.db", create=True) as store, pytest.raises(Stop, match="correct some names first"):
        train(Workshop(store, be_quiet, tmp_path), "entities")
