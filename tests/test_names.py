"""Names of the entity model beside the gazetteer's, and what of them is stored."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.encoder.encode import BrokenModel
from models.entities.decode import LABELS, make_spans
from models.entities.measure import count_spans, make_f1
from models.entities.tag import Name, Tagger, load_tagger
from models.entities.word import find_words
from pipeline import names
from pipeline.names import count_agreement, find_names, merge
from pipeline.records import Document, Label, Mention, Stop
from pipeline.scan import make_scan_stages, scan
from pipeline.store import Store
from tests.conftest import make_page

TEXT = "Tolibon vakillari Qobil Sattorov bilan Shoʻrchi tumanida uchrashdi."


def make_doc(text: str = TEXT, language: str = "uz", **changes: object) -> Document:
    doc = Document("1", "http://127.0.0.1/1", "sinov", datetime(2026, 9, 1, tzinfo=UTC), "", text, language=language)
    return replace(doc, **changes)  # type: ignore[arg-type]


def mention(start: int, end: int, label: str = "ORG", entity: str | None = "taliban", text: str = TEXT) -> Mention:
    return Mention(start, end, text[start:end], label, entity, ("gazetteer",), 0.98)


def score_words(labels: list[str]) -> "object":
    import numpy as np

    scores = np.full((len(labels), len(LABELS)), -6.0, dtype=np.float32)
    for row, label in enumerate(labels):
        scores[row, LABELS.index(label)] = -0.02
    return scores


def test_no_name_begins_in_its_middle() -> None:
    words = [(0, 2), (3, 5), (6, 8)]
    assert [span[:3] for span in make_spans(words, score_words(["O", "I-ORG", "O"]))] in ([], [(3, 5, "ORG")])  # type: ignore[arg-type]
    assert [span[:3] for span in make_spans(words, score_words(["B-LOC", "B-LOC", "I-LOC"]))] == [(0, 2, "LOC"), (3, 8, "LOC")]  # type: ignore[arg-type]


def test_words_keep_their_apostrophes_and_the_english_possessive_stays_outside() -> None:
    text = "oʻzbek maʼno John's «Tolibon»ning IShID-ga 2026-yil"
    assert [text[start:end] for start, end in find_words(text)] == [
        "oʻzbek", "maʼno", "John", "'", "s", "«", "Tolibon", "»", "ning", "IShID", "-", "ga", "2026", "-", "yil",
    ]  # fmt: skip


def test_strict_f1_counts_a_wrong_border_twice() -> None:
    counts = count_spans([[(0, 5, "ORG"), (7, 9, "LOC")]], [[(0, 4, "ORG"), (7, 9, "LOC")]])
    assert counts["all"] == (1, 2, 2)
    assert make_f1(*counts["all"]) == 0.5
    assert make_f1(*counts["ORG"]) == 0.0


def test_a_gazetteer_mention_keeps_its_entity_and_says_who_agrees() -> None:
    [found] = merge(TEXT, [mention(0, 7)], [Name(0, 7, "ORG", 0.9)])
    assert (found.entity_id, found.found_by) == ("taliban", ("gazetteer", "ner"))


def test_the_same_kind_may_make_a_mention_longer_but_never_shorter() -> None:
    text = "Fargʻona viloyatida yigʻilish boʻldi"
    [longer] = merge(text, [mention(0, 8, "LOC", "fergana", text)], [Name(0, 19, "LOC", 0.9)])
    assert (longer.text, longer.entity_id) == ("Fargʻona viloyatida", "fergana")
    [kept] = merge(text, [mention(0, 19, "LOC", "fergana", text)], [Name(0, 8, "LOC", 0.9)])
    assert kept.text == "Fargʻona viloyatida"


def test_disagreement_is_kept_and_counted() -> None:
    found = merge(TEXT, [mention(0, 7)], [Name(0, 7, "LOC", 0.9)])
    assert [m.found_by for m in found] == [("ner",), ("gazetteer", "ner-differs")]
    assert count_agreement([make_doc(mentions=found)]) == {"gazetteer+ner-differs": 1, "ner": 1}


def test_a_place_inside_an_organisations_name_gives_way_to_it_and_is_remembered() -> None:
    text = "Andijon viloyat sudi hukm chiqardi"
    place = replace(mention(0, 7, "LOC", "andijan", text), name="Andijan")
    [found] = merge(text, [place], [Name(0, 20, "ORG", 0.9)])
    assert (found.label, found.text) == ("ORG", "Andijon viloyat sudi")
    assert found.why.endswith("its name holds the place Andijan")


def test_names_are_looked_for_in_the_text_and_not_in_the_title() -> None:
    [doc] = find_names([make_doc(title="Qobil Sattorov Toshkentda")], cascade=False)
    assert all(TEXT[m.start : m.end] == m.text for m in doc.mentions)
    assert "Qobil Sattorov" in {m.text for m in doc.mentions if m.label == "PER"}
    assert doc.vectors.shape == (1, 384)


def test_only_what_the_cheap_stages_point_at_reaches_the_encoder() -> None:
    dull = make_doc("Bugun bozorda olma va nok arzonladi, sotuvchilar xaridor kutmoqda.")
    asked = replace(dull, id="2", labels=(Label("key", "closer", 1.0, "evidence-1"),))
    foreign = replace(asked, id="3", language="und")
    judged = [replace(asked, labels=(*asked.labels, Label("relevance", "R2", value, "evidence-1"))) for value in (0.01, 0.05)]
    assert [doc.vectors is not None for doc in find_names(judged)] == [False, True]
    first, second, third = find_names([dull, asked, foreign])
    assert (first.vectors is None, second.vectors is None, third.vectors is None) == (True, False, True)
    assert find_names([dull], cascade=False)[0].vectors is not None


def test_persons_outside_the_gazetteer_are_not_stored_unless_the_operator_says_so(store: Store, tmp_path: Path) -> None:
    found = merge(TEXT, [mention(0, 7)], load_tagger().find([("uz", TEXT)])[0])
    page = make_page()
    store.pages.save(page, "a.warc.gz", 0)
    doc = make_doc(mentions=found, id=page.id)
    assert any(m.label == "PER" for m in found)
    store.documents.save([doc])
    kept = store.documents.load(page.id)
    assert kept is not None
    assert [m for m in kept.mentions if m.label == "PER"] == []
    assert {m.label for m in kept.mentions} == {"ORG", "LOC"}
    store.documents.save([doc], replace=True, persons="all")
    everything = store.documents.load(page.id)
    assert everything is not None
    assert everything.mentions == doc.mentions


def test_scan_shows_every_name_and_stages_can_leave_the_model_out() -> None:
    line = json.dumps({"id": 1, "text": TEXT, "language": "uz"}).encode()
    [row] = scan([line], make_scan_stages(["language", "gazetteer", "entities"], 0.5, cascade=False))
    assert "Qobil Sattorov" in {m["text"] for m in row["mentions"]}
    [row] = scan([line], make_scan_stages(["language", "gazetteer"], 0.5))
    assert {tuple(m["found_by"]) for m in row["mentions"]} == {("gazetteer",)}


def test_a_missing_model_stops_with_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def load(task: str) -> object:
        raise BrokenModel(f"{task}: is missing")

    monkeypatch.setattr(names.registry, "load", load)
    with pytest.raises(Stop, match="encoder: is missing"):
        find_names([make_doc()], cascade=False)


def test_damaged_heads_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "heads.safetensors"
    broken.write_bytes(b"\x00" * 40)
    with pytest.raises(BrokenModel, match=r"heads\.safetensors: is missing or damaged"):
        Tagger(load_tagger()._encoder, broken)


@pytest.mark.parametrize("text", ["", "😀😀", "\x00\x01", "\ud800 abc", "A" * 5000, "Toshkent " * 2000, "ʻʻʻ"])
def test_strange_texts_give_whole_words_or_nothing(text: str) -> None:
    for name in load_tagger().find([("uz", text)])[0]:
        assert 0 <= name.start < name.end <= len(text)
        assert any(map(str.isalpha, text[name.start : name.end]))


ORDINARY = {
    ("uz", "Andijon viloyatida Ichki ishlar vazirligi tadbir oʻtkazdi."): "ORG Ichki ishlar vazirligi, LOC Andijon viloyatida",
    ("uz", "Андижон вилоятида Ички ишлар вазирлиги ходимлари тадбир ўтказди."): "ORG Ички ишлар вазирлиги, LOC Андижон вилоятида",
    ("tg", "Вазорати корҳои дохилӣ дар Душанбе нишасти хабарӣ баргузор кард."): "ORG Вазорати корҳои дохилӣ, LOC Душанбе",
    ("ru", "Министерство внутренних дел сообщило о задержании в Бишкеке."): "ORG Министерство внутренних дел, LOC Бишкеке",
    ("en", "Maria Petrova of the World Bank arrived in Tashkent."): "PER Maria Petrova, ORG World Bank, LOC Tashkent",
}


@pytest.mark.parametrize(("language", "text"), ORDINARY)
def test_ordinary_names_are_found_in_every_language(language: str, text: str) -> None:
    found = {f"{name.kind} {text[name.start : name.end]}" for name in load_tagger().find([(language, text)])[0]}
    assert set(ORDINARY[language, text].split(", ")) <= found
