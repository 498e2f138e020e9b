"""The gate in front of the encoder."""

from datetime import UTC, datetime

import numpy as np

from models.relevance.gate import WINDOW_WORDS, Gate, find_features, iter_windows, load_gate
from pipeline.cascade import needs_encoder
from pipeline.classify import classify
from pipeline.entities import find_entities
from pipeline.records import Document

RELEVANT = {
    "uz": "Sud terrorchilik tashkilotiga odam yollagan kishini sakkiz yilga ozodlikdan mahrum qildi.",
    "tg": "Кумитаи амният аз боздошти аъзои созмони экстремистӣ хабар дод.",
    "ru": "Суд в Душанбе приговорил вербовщика террористической организации к девяти годам.",
    "en": "Security services detained members of an extremist cell who planned an attack in Tashkent.",
}
ORDINARY = {
    "uz": "Bogʻda yangi olma navlari ekildi, hosil kuzda yigʻib olinadi.",
    "tg": "Имсол дар водӣ ҳосили зардолу хеле хуб шуд.",
    "ru": "Завтра в городе ожидается дождь, температура не превысит десяти градусов.",
    "en": "The bakery on our street has started selling cinnamon rolls on Sundays.",
}


def look(language: str, text: str) -> bool:
    doc = Document("1", "", "", datetime(2026, 9, 1, tzinfo=UTC), "", text, language=language)
    return needs_encoder(classify(find_entities([doc]))[0])


def test_relevant_texts_reach_the_encoder_and_ordinary_ones_do_not() -> None:
    assert {language: look(language, text) for language, text in RELEVANT.items()} == dict.fromkeys(RELEVANT, True)
    assert {language: look(language, text) for language, text in ORDINARY.items()} == dict.fromkeys(ORDINARY, False)


def test_words_for_peoples_faiths_and_migrants_do_not_exist_for_the_gate() -> None:
    for text in ("таджики мусульмане мечеть мигранты", "tojik musulmon masjid migrant", "Muslim migrants mosque Uzbeks"):
        assert find_features(text) == []


def test_one_telling_paragraph_of_a_long_text_is_enough() -> None:
    gate = load_gate()
    long = " ".join([ORDINARY["ru"]] * 60)
    assert not gate.passes("", long, "ru")
    assert gate.passes("", f"{long}\n{' '.join([RELEVANT['ru']] * 5)}\n{long}", "ru")


def test_a_weak_suspicion_passes_unless_the_words_speak_clearly_against_it() -> None:
    gate = load_gate()
    dull = " ".join([ORDINARY["tg"]] * 20)
    assert gate.weigh("", dull) < gate.floors["tg"]
    assert not gate.passes("", dull, "tg", asked=True)
    between = Gate(gate.weights * 0, -1.5, {"tg": -1.0, "uz": -1.0}, {"tg": -2.0})
    assert not between.passes("", dull, "tg")
    assert between.passes("", dull, "tg", asked=True)
    assert between.passes("", dull, "uz", asked=True), "a language without a floor is believed"
    assert not between.passes("", dull, "und", asked=True)


def test_windows_cover_every_word() -> None:
    words = [(number, number) for number in range(WINDOW_WORDS * 5 + 7)]
    assert {word for window in iter_windows(words) for word in window} == set(words)


def test_a_text_of_no_words_and_another_language_do_not_pass() -> None:
    gate = load_gate()
    assert not gate.passes("", "", "uz")
    assert not gate.passes("", RELEVANT["en"], "und")
    assert np.isfinite(gate.weights).all()
