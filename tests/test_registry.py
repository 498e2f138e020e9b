"""The registry: a task becomes a callable, once."""

from pathlib import Path

import pytest

import models
from models import registry


def test_language_model_answers_with_a_detection() -> None:
    found = registry.load("language")("Museum of silk opens in Samarkand after two years of repair work.")
    assert isinstance(found, registry.Detection)
    assert found.language == "en"


def test_model_is_built_once() -> None:
    assert registry.load("language") is registry.load("language")


def test_language_without_a_model_of_its_own_gets_the_shared_one() -> None:
    assert registry.load("language", "tg") is registry.load("language")


def test_unknown_task_is_told_what_is_known() -> None:
    known = "aligner, encoder, entities, gate, language, relevance"
    with pytest.raises(ValueError, match=rf"no model for the task 'weather' \(known: {known}\)"):
        registry.load("weather")


def test_every_model_is_described_by_strings() -> None:
    rows = registry.describe()
    assert [row[0] for row in rows] == ["language", "relevance", "gate", "encoder", "aligner", "entities"]
    assert all(isinstance(field, str) and field for row in rows for field in row)


def test_described_version_is_the_one_that_signs_the_labels() -> None:
    [(_, name, version, _)] = [row for row in registry.describe() if row[0] == "relevance"]
    judgement = registry.load("relevance")("Bozorda narxlar", "Toshkent bozorlarida meva narxi tushdi.", "uz", "Latn", [])
    assert judgement.model == f"{name}-{version}"


def test_every_card_is_there() -> None:
    root = Path(models.__file__).parent.parent
    assert [card for *_, card in registry.describe() if not (root / card).is_file()] == []
