"""A head is fitted again on states that stay as they are: near the old one, better on what it is shown."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.encoder.corpus import Sentence
from models.entities.decode import LABELS, label_words
from models.entities.refit import States, check, fit, main, measure, read_states, write_head
from models.entities.tag import HEADS, Tagger, load_heads, load_tagger

TEXT = "Kvartal bankida Olmos Yulduzov ishlaydi."
SPANS = ((0, 15, "ORG"), (16, 30, "PER"))


def make_states(count: int, source: str = "a.jsonl") -> list[States]:
    """Sentences of one word; the sign of its first state says whether it is a place."""
    draw = np.random.RandomState(len(source))
    found = []
    for number in range(count):
        place = number % 2
        text = f"word{number}"
        states = draw.normal(size=(1, 5)).astype(np.float32)
        states[0, 0] = 2.0 if place else -2.0
        spans = ((0, len(text), "LOC"),) if place else ()
        labels = [LABELS.index("B-LOC") if place else 0]
        found.append(States(Sentence(text, spans, "en", source), [(0, len(text))], states, labels, 1.0))
    return found


START = (np.zeros((5, len(LABELS)), dtype=np.float32), np.zeros(len(LABELS), dtype=np.float32))


def test_words_of_a_name_are_labelled_from_where_they_begin() -> None:
    assert [LABELS[label] for label in label_words([0, 8, 16, 22, 31], SPANS)] == ["B-ORG", "I-ORG", "B-PER", "I-PER", "O"]


def test_a_new_head_learns_what_it_is_shown_and_stays_where_the_pull_is_strong() -> None:
    read = make_states(60)
    learned, held = fit(read, START, pull=1e-4), fit(read, START, pull=1e4)
    assert measure(read, [learned] * len(read)) == 1.0
    assert np.abs(held[0]).max() < 1e-3 < np.abs(learned[0]).max()


def test_a_check_labels_every_sentence_by_a_head_that_has_not_seen_it() -> None:
    read = make_states(60)
    assert check(read, "a.jsonl", START) == (0.0, 1.0)
    for item in read:
        item.states[0, 0] = 0.0  # what is left is noise, which only a head that had seen a sentence could remember
    assert check(read, "a.jsonl", START)[1] < 0.9


def test_states_are_those_of_the_encoder_at_the_first_token_of_each_word() -> None:
    [item] = read_states([Sentence(TEXT, SPANS, "uz", "a.jsonl"), Sentence(" ", (), "uz", "a.jsonl")], 2.0)
    assert len(item.states) == len(item.words) == len(item.labels)
    assert [TEXT[start:end] for start, end in item.words][:2] == ["Kvartal", "bankida"]
    weight, bias = load_heads(HEADS)["uz"]
    names = load_tagger().find([("uz", TEXT)])[0]
    old = [(name.start, name.end, name.kind) for name in names]
    assert measure([item], [(weight, bias)]) == pytest.approx(2 * len(set(old) & set(SPANS)) / (len(old) + 2))


def test_only_the_chosen_language_changes(tmp_path: Path) -> None:
    file = tmp_path / "ner.jsonl"
    file.write_text(json.dumps({"text": TEXT, "language": "uz", "spans": SPANS}) + "\n", encoding="utf-8")
    main(["uz", str(file), "--out", str(tmp_path / "heads.safetensors")])
    old, new = load_heads(HEADS), load_heads(tmp_path / "heads.safetensors")
    assert list(old) == list(new)
    assert not np.array_equal(old["uz"][0], new["uz"][0])
    assert all(np.array_equal(old[language][0], new[language][0]) for language in ("tg", "ru", "en"))
    found = Tagger(load_tagger()._encoder, tmp_path / "heads.safetensors").find([("uz", TEXT)])[0]
    assert {(name.start, name.end, name.kind) for name in found} == set(SPANS)


def test_heads_that_did_not_change_are_written_as_they_were(tmp_path: Path) -> None:
    write_head(tmp_path / "a", "en", load_heads(HEADS)["en"])
    assert all(np.array_equal(a, b) for a, b in zip(load_heads(HEADS)["en"], load_heads(tmp_path / "a")["en"], strict=True))
