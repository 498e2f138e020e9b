"""The wording of a text: what the encoder may read, what it may change and what not, and how a reader is told."""

from dataclasses import replace

import numpy as np
import pytest

from models.encoder.encode import BrokenModel, load_encoder
from models.relevance.basis import PATH, load_basis
from models.relevance.classify import CEILING, Hit, Judgement, load_classifier
from models.relevance.masking import mask
from models.relevance.measure import rate
from models.relevance.weights import load_weights
from models.relevance.wording import TITLE, States, Worded, read_wording
from pipeline.classify import classify, reconsider
from pipeline.entities import find_entities
from pipeline.names import find_names
from pipeline.records import Document, Section
from tests.conftest import FETCHED

TEXT = "Жители отметили праздник урожая. Боевики обстреляли пост на границе, погибли трое военных. Вечером шёл дождь."


def read_one(text: str, language: str, title: str = "") -> Worded:
    return read_wording([(language, title, text)], load_encoder().read)[0]


def judge(text: str, language: str, *hits: Hit, title: str = "") -> tuple[Judgement, Judgement]:
    asked = load_classifier().classify
    return asked(title, text, language, "", hits), asked(title, text, language, "", hits, read_one(text, language, title))


# --- what the encoder reads ---


@pytest.mark.parametrize(
    ("language", "text", "masked"),
    [
        ("en", "An Italian baker met a Tajik in a mosque in Oslo.", "X baker met X in X in X."),
        ("ru", "Мигранты из Узбекистана и чех работали в Казани.", "X из X и X работали в X."),
        ("uz", "Tojik oshpaz Portugaliya elchixonasida ishlaydi.", "X oshpaz X elchixonasida ishlaydi."),
        ("uz", "Чех ошпаз масжид ёнида яшайди.", "X ошпаз X ёнида яшайди."),
        ("tg", "Муҳоҷирони тоҷик дар Лаҳистон масҷид сохтанд.", "X X дар X X сохтанд."),
    ],
)
def test_peoples_faiths_migrants_and_places_are_masked(language: str, text: str, masked: str) -> None:
    assert mask(text, language).text == masked


def test_a_masked_place_is_found_again_in_the_text() -> None:
    text = "В Душанбе мигранты (организация запрещена в РФ) чинили мост."
    masked = mask(text, "ru")
    for word in ("чинили", "мост"):
        assert masked.find_origin(masked.text.index(word)) == text.index(word)


def test_texts_that_differ_in_a_protected_word_are_the_same_to_the_encoder() -> None:
    one, other = (read_one(f"A {people} driver was jailed for financing militants.", "en") for people in ("Tajik", "Danish"))
    assert np.array_equal(one.state, other.state)


def test_the_state_of_a_text_is_the_sum_of_its_sentences_whose_places_are_kept() -> None:
    worded = read_one(TEXT, "ru", title="Нападение")
    assert np.allclose(worded.parts.sum(0), worded.state, atol=1e-5)
    assert np.isclose(np.linalg.norm(worded.state), 1.0, atol=1e-5)
    assert worded.spans[0] == TITLE
    assert [TEXT[start:end] for start, end in worded.spans[1:]] == [part.strip() + "." for part in TEXT.split(".")[:3]]


def test_one_telling_sentence_is_not_drowned_by_dull_ones() -> None:
    dull = "The market of the town opened at six. The weather stayed dry. Two schools were painted. A bus line was moved. "
    hot = "Security officers detained three members of a terrorist cell in Osh, who had planned to blow up the police station."
    head = load_weights().wording
    assert head is not None
    weights = np.array([head.weights[f"wording:{n}"] for n in range(len(load_basis().axes))])
    located = load_basis().locate(read_one(dull + hot, "en"))
    whole = float(located.text @ weights) + head.bias
    log_odds, best = located.weigh(weights, head.bias)
    assert best == 4
    assert log_odds > whole
    assert log_odds > located._replace(sentences=located.sentences[:4]).weigh(weights, head.bias)[0] + 0.5


@pytest.mark.parametrize("text", ["", " ", "\n\n", "...", "\ud800 ok"])
def test_a_text_of_next_to_nothing_has_a_wording_too(text: str) -> None:
    worded = read_one(text, "ru")
    assert np.isfinite(worded.state).all()
    assert 0 <= rate(load_classifier().classify("", text, "ru", "", (), worded)) < 0.5


def test_states_are_read_once() -> None:
    asked: list[str] = []

    def read(texts: list[tuple[str, str]]) -> list[object]:
        asked.extend(text for _, text in texts)
        return load_encoder().read(texts)  # type: ignore[return-value]

    states = States(read, "encoder")  # type: ignore[arg-type]
    assert states.find("ru", "", TEXT) is states.find("ru", "", TEXT)
    assert len(asked) == 1


def test_coordinates_of_another_encoder_are_refused(tmp_path) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = load_file(PATH)
    save_file(tensors | {"probe": -tensors["probe"]}, tmp_path / "basis.safetensors")
    with pytest.raises(BrokenModel, match="another encoder"):
        load_basis(tmp_path / "basis.safetensors")
    with pytest.raises(BrokenModel, match="missing or damaged"):
        load_basis(tmp_path / "nothing.safetensors")


# --- what it may change ---


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Жители отметили праздник урожая, вечером шёл дождь.", "ru"),
        ("Muslim migrants from Tajikistan prayed in a mosque in Kabul.", "en"),
        ("Kuchli portlash Kobulda yuz berdi, yetti kishi halok boʻldi.", "uz"),
    ],
)
def test_wording_alone_never_flags(text: str, language: str) -> None:
    asked = load_classifier()
    judgement = asked.classify("", text, language, "", (), make_loud())
    assert not judgement.keyed
    assert rate(judgement) <= CEILING
    assert not judgement.topics


def make_loud() -> Worded:
    """A wording as relevant as none can be."""
    head, basis = load_weights().wording, load_basis()
    assert head is not None
    direction = np.array([head.weights[f"wording:{n}"] for n in range(len(basis.axes))]) @ basis.axes
    return Worded((10 * direction / np.linalg.norm(direction)).astype(np.float32), np.zeros((0, len(direction)), np.float32), ())


def test_wording_is_the_frame_that_a_word_lacks_and_never_the_word() -> None:
    text = "The word extremism stood in the heading of the page. Nothing else was printed on it."
    before = load_classifier().classify("", text, "en", "", ())
    after = load_classifier().classify("", text, "en", "", (), make_loud())
    assert not before.keyed
    assert after.keyed
    assert (before.model, after.model) == ("evidence-4", "evidence-4+wording")


def test_a_reader_is_told_what_the_wording_adds_and_which_sentence_carried_it() -> None:
    text = (
        "The market of the town opened at six. Security officers detained three members of a terrorist cell in Osh, who had "
        "planned to blow up the police station; explosives were found in a garage. The weather stayed dry."
    )
    _, after = judge(text, "en")
    (line,) = [reason for reason in after.reasons if "wording" in reason]
    assert line.startswith("the wording of the text, +")
    assert "'Security officers detained" in line
    assert (text.index("Security"), text.index(" The weather")) in after.evidence


# --- in the pipeline ---


def make_doc(text: str, **changes: object) -> Document:
    doc = Document("1", "http://127.0.0.1/1", "sinov", FETCHED, "", text, language="en", script="Latn")
    return replace(doc, **changes)  # type: ignore[arg-type]


def test_only_what_the_encoder_was_asked_for_and_has_evidence_is_judged_again() -> None:
    hot = make_doc("Police in Osh detained three members of a terrorist cell who had planned an attack on a checkpoint.")
    dry = make_doc("The council read its accounts aloud in the school, and the canal was repaired.", id="2")
    docs = classify(find_entities([hot, dry]))
    again = reconsider(docs)
    assert {label.model.endswith("+wording") for label in again[0].labels} == {True}
    assert again[1] is docs[1]
    unasked = [replace(doc, language="und") for doc in docs]
    assert reconsider(unasked) == unasked
    assert [doc.vectors is not None for doc in find_names(again)] == [True, False]


def test_sections_of_a_long_report_are_reconsidered_one_by_one() -> None:
    dry = "The council read its accounts aloud in the school, and the canal was repaired. " * 90
    hot = "Police in Osh detained three members of a terrorist cell who had planned an attack on a checkpoint."
    text = f"{dry}\n{hot}\n{dry}"
    sections = (
        Section(0, len(dry), 1, "One"),
        Section(len(dry), len(dry) + 100, 1, "Two"),
        Section(len(dry) + 100, len(text), 1, "Three"),
    )
    (again,) = reconsider(classify([make_doc(text, sections=sections)]))
    assert again.reasons[0] == "read by section; the most relevant is section “Two”"
    assert all(label.model.endswith("+wording") for label in again.labels)
    assert text[slice(*again.evidence[0])] == hot
