"""The task language: from corrected languages a shift per language, compared with the live one on the same frozen items."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.language.adapt import PENALTY, find_class, fit_shifts, load_shifted, read_classes
from models.language.detector import Detector
from models.metric import draw_counts, find_interval, make_scored, measure, share
from models.relevance.dataset import Row
from models.relevance.objection import find_objections
from models.relevance.wording import States
from pipeline.learn.relevance import open_snapshot, take_snapshot
from pipeline.learn.snapshot import Item, Snapshot
from pipeline.records import Document

__all__ = ["PARAMETERS", "evaluate", "make_judge", "open_snapshot", "read_shipped", "take_snapshot", "tell_difference", "train"]

# What was decided counts in full; our own texts remind of what all languages look like.
WEIGHTS = {"decision": 1.0, "seed": 0.05}
PARAMETERS = {"penalty": PENALTY, "weights": WEIGHTS}
DIGITS = 4
Show = Callable[[str, int, int], None]


def train(snapshot: Snapshot, base: str, manifest: Mapping[str, Any], show: Show, states: States | None = None) -> str:  # noqa: ARG001  # the same call for every task
    """The artefact: the shift of each class as JSON, with the id of the model. It starts from the shipped detector each time."""
    items = [item for item in snapshot.items if item.part == "train"]
    show("reading", 0, len(items))
    probabilities = read_classes([_read(item.row) for item in items])
    show("reading", len(items), len(items))
    weights = np.array([WEIGHTS[item.origin] for item in items])
    shifts = fit_shifts(probabilities, [find_class(item.row.language, item.row.script) for item in items], weights)
    return json.dumps({"shifts": shifts, "trained_as": manifest["id"]}, indent=1, sort_keys=True) + "\n"


def read_shipped() -> str:
    """The artefact that comes with xabar: no shift."""
    return json.dumps({"shifts": {}}) + "\n"


def evaluate(
    snapshot: Snapshot,
    candidate: str,
    live: str,
    base: str,  # noqa: ARG001  # the same call for every task
    manifest: Mapping[str, Any],
    texts: Path,  # noqa: ARG001  # same
    show: Show,
    states: States | None = None,  # noqa: ARG001  # same
) -> dict[str, Any]:
    """The report: the share of each language's texts that is found, by both, and the objections that follow."""
    items = [item for item in snapshot.items if item.part == "test"]
    show("detecting", 0, 1)
    ours, theirs = (_find_right(items, make_judge(artefact)) for artefact in (candidate, live))
    show("detecting", 1, 1)
    groups: dict[str, list[int]] = {}
    for number, item in enumerate(items):
        groups.setdefault(find_class(item.row.language, item.row.script), []).append(number)
    report: dict[str, Any] = {
        "languages": {name: _compare(items, ours, theirs, chosen, manifest["seed"]) for name, chosen in sorted(groups.items())},
        "negative_classes": {},
        "pairs": {},
        "contradictions": {},
        "items": {item.row.id: [float(a), float(b)] for item, a, b in zip(items, ours, theirs, strict=True)},
    }
    return report | {"objections": find_objections(report)}


def make_judge(artefact: str | None) -> Detector:
    """A detector, ready to be asked; the shipped one for None."""
    return load_shifted(json.loads(artefact)["shifts"] if artefact else {})


def tell_difference(doc: Document, one: Detector, other: Detector) -> dict[str, Any] | None:
    """What two detectors make of a document, if it is not the same language."""
    before, after = (model.detect(f"{doc.title}\n{doc.text}") for model in (one, other))
    if (before.language, before.script) == (after.language, after.script):
        return None
    why = f"with {after.confidence:.2f}, before {before.confidence:.2f}"
    return {"before": before.language, "after": after.language, "change": abs(after.confidence - before.confidence), "why": why}


def _read(row: Row) -> str:
    return f"{row.title}\n{row.text}"


def _find_right(items: Sequence[Item], detector: Detector) -> list[bool]:
    found = [detector.detect(_read(item.row)) for item in items]
    return [
        find_class(one.language, one.script) == find_class(item.row.language, item.row.script)
        for one, item in zip(found, items, strict=True)
    ]


def _compare(
    items: Sequence[Item], ours: Sequence[bool], theirs: Sequence[bool], chosen: Sequence[int], seed: int
) -> dict[str, Any]:
    families = [items[n].row.family for n in chosen]
    mine, other = (make_scored([float(found[n]) for n in chosen], [True] * len(chosen), families) for found in (ours, theirs))
    drawn = draw_counts(mine.groups, seed)
    rated, rated_live = ([share(scored, counts) for counts in drawn] for scored in (mine, other))
    value, value_live = measure(mine, share), measure(other, share)
    figure = {
        "candidate": round(value, DIGITS),
        "candidate_interval": _round(find_interval(rated)),
        "live": round(value_live, DIGITS),
        "live_interval": _round(find_interval(rated_live)),
        "change": round(value - value_live, DIGITS),
        "change_interval": _round(find_interval([a - b for a, b in zip(rated, rated_live, strict=True)])),
    }
    return {"texts": len(chosen), "recall": figure}


def _round(values: Sequence[float]) -> list[float]:
    return [round(float(value), DIGITS) for value in values]
