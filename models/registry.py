"""Which model does which task: a dict of versions, not a plugin system."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from models.language.detect import VERSION as LANGUAGE_VERSION
from models.language.detect import Detection, load_detector

__all__ = ["Detection", "describe", "load"]


@dataclass(frozen=True, slots=True)
class Model:
    """One shipped model: `make` builds its callable, `card` says what it learned from and how good it is."""

    name: str
    version: str
    card: str
    make: Callable[[], Callable[..., Any]]


def load(task: str, language: str | None = None) -> Callable[..., Any]:
    """The callable for a task, built once per process: the model of the language if it has one of its own.

    "language": (text) -> Detection. "relevance": (title, text, language, script, hits) -> Judgement.
    "gate": (title, text, language, *, asked=False) -> bool. "encoder": ([(language, text)]) -> [Reading].
    "entities": (reading, text, language) -> [Name]. "aligner": (token states [tokens, size], language) -> vector.
    Raises ValueError for an unknown task.
    """
    key = (task, language) if (task, language) in _MODELS else (task, None)
    if key not in _MODELS:
        known = ", ".join(sorted({name for name, _ in _MODELS}))
        raise ValueError(f"no model for the task {task!r} (known: {known})")
    return _make(*key)


def describe() -> list[tuple[str, str, str, str]]:
    """(task, name, version, path of the card) of every model, without loading any."""
    return [
        (task if language is None else f"{task}/{language}", model.name, model.version, model.card)
        for (task, language), model in _MODELS.items()
    ]


@cache
def _make(task: str, language: str | None) -> Callable[..., Any]:
    return _MODELS[task, language].make()


def _make_language() -> Callable[..., Any]:
    return load_detector().detect


def _make_relevance() -> Callable[..., Any]:
    # Imported here: the relevance room reads its word lists when imported, and `xabar --help` must not wait for them.
    from models.relevance.classify import load_classifier

    return load_classifier().classify


def _make_gate() -> Callable[..., Any]:
    from models.relevance.gate import load_gate

    return load_gate().passes


def _make_encoder() -> Callable[..., Any]:
    from models.encoder.encode import load_encoder

    return load_encoder().read


def _make_aligner() -> Callable[..., Any]:
    from models.encoder.align import load_aligner

    return load_aligner().align


def _make_entities() -> Callable[..., Any]:
    from models.entities.tag import load_tagger

    return load_tagger().tag


_MODELS: dict[tuple[str, str | None], Model] = {
    ("language", None): Model("profiles", LANGUAGE_VERSION, "models/language/card.md", _make_language),
    ("relevance", None): Model("evidence", "4", "models/relevance/card.md", _make_relevance),
    ("gate", None): Model("gate", "1", "models/relevance/gate.md", _make_gate),
    ("encoder", None): Model("encoder", "1", "models/encoder/card.md", _make_encoder),
    ("aligner", None): Model("align", "1", "models/encoder/card.md", _make_aligner),
    ("entities", None): Model("names", "2", "models/entities/card.md", _make_entities),
}
