"""The task relevance: train the heads from a snapshot, and compare them with the live ones on the same frozen items."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.relevance.classify import WORDING_SHARE, Classifier, limit
from models.relevance.compare import FLAG_AT, compare, compare_pairs, find_route
from models.relevance.dataset import Row, halve_titles
from models.relevance.fit import FOLDS, PENALTY, WORDING_PENALTY, Memories
from models.relevance.measure import judge, rate
from models.relevance.objection import find_contradictions, find_objections
from models.relevance.train import CALIBRATION_PENALTY, dump, find_unseen, prepare, train_prepared
from models.relevance.weights import Weights, load_weights, parse_weights, squash
from models.relevance.wording import States
from pipeline.classify import judge_part, read_parts
from pipeline.learn.snapshot import TEXTS, Snapshot, add_hits, make_snapshot, read_snapshot
from pipeline.records import Document
from pipeline.store import Store

PAIRS = "counterfactual.jsonl"
PARAMETERS = {
    "penalty": PENALTY,
    "wording_penalty": WORDING_PENALTY,
    "wording_share": WORDING_SHARE,
    "calibration_penalty": CALIBRATION_PENALTY,
    "folds": FOLDS,
}
Show = Callable[[str, int, int], None]


def take_snapshot(store: Store, texts: Path = TEXTS, data: Path | None = None) -> Snapshot:
    """What there is to learn from now."""
    return make_snapshot(store, texts, data)


def open_snapshot(store: Store, lines: Sequence[str], texts: Path = TEXTS, data: Path | None = None) -> Snapshot:
    """A snapshot that was written."""
    return read_snapshot(store, lines, texts, data)


def train(snapshot: Snapshot, base: str, manifest: Mapping[str, Any], show: Show, states: States | None = None) -> str:
    """The artefact: weights as JSON, with the id of the model. `base` is the artefact whose memory of other texts is kept."""
    rows = halve_titles(snapshot.rows("train"))
    data = prepare(rows, lambda done, total: show("reading", done, total), states)
    show("fitting", 0, 1)
    memory = _read_memory(base)
    weights = train_prepared(data, memory, manifest["seed"])
    show("fitting", 1, 1)
    return dump(weights | {"trained_as": manifest["id"], "memory": memory})


def evaluate(
    snapshot: Snapshot,
    candidate: str,
    live: str,
    base: str,
    manifest: Mapping[str, Any],
    texts: Path,
    show: Show,
    states: States | None = None,
) -> dict[str, Any]:
    """The report: figures of both per language and class, pairs, contradictions, and the objections that follow from them."""
    ours, theirs = Classifier(parse_weights(candidate)), Classifier(parse_weights(live))
    rows = snapshot.rows("test")
    scores, scores_live = _rate_all(rows, ours, "candidate", show, states), _rate_all(rows, theirs, "live", show, states)
    report = compare(rows, scores, scores_live, manifest["seed"])
    report["pairs"] = measure_pairs(texts, ours, theirs, states)
    report["contradictions"] = _find_contradictions(snapshot, candidate, base, theirs, manifest["seed"], states)
    report["items"] = {row.id: [round(a, 4), round(b, 4)] for row, a, b in zip(rows, scores, scores_live, strict=True)}
    return report | {"objections": find_objections(report)}


def make_judge(artefact: str | None) -> Classifier:
    """A model, ready to be asked; the shipped one for None."""
    return Classifier(parse_weights(artefact) if artefact else load_weights())


def tell_difference(doc: Document, one: Classifier, other: Classifier) -> dict[str, Any] | None:
    """What two models make of a document, if one flags it and the other does not."""
    before, after = (judge_part(doc, model.classify) for model in (one, other))
    if (before.evidence or before.keyed) and (one.reads_wording or other.reads_wording):
        worded = read_parts([(doc, 0, len(doc.text))])[doc.id, 0]
        before, after = (judge_part(doc, model.classify, worded=worded) for model in (one, other))
    old, new = rate(before), rate(after)
    if (old >= FLAG_AT) == (new >= FLAG_AT):
        return None
    return {"before": round(old, 3), "after": round(new, 3), "change": abs(new - old), "why": "; ".join(after.reasons[:3])}


def _rate_all(rows: Sequence[Row], classifier: Classifier, name: str, show: Show, states: States | None) -> list[float]:
    scores = []
    for done, row in enumerate(rows, 1):
        scores.append(rate(judge(row, classifier, states)))
        show(f"asking the {name}", done, len(rows))
    return scores


def measure_pairs(
    texts: Path, ours: Classifier, theirs: Classifier | None = None, states: States | None = None
) -> dict[str, Any]:
    """How far a model, and perhaps another beside it, scores the two texts of the counterfactual pairs apart."""
    path = texts / PAIRS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    pairs = [json.loads(line) for line in lines if line.strip()]
    rows = add_hits(_make_side(pair, side) for pair in pairs for side in "ab")
    mine, other = ({row.id: rate(judge(row, one, states)) for row in rows} for one in (ours, theirs or ours))
    return compare_pairs(pairs, mine, other)


def _make_side(pair: Mapping[str, Any], side: str) -> Row:
    return Row(pair["id"] + side, pair["language"], "", "", pair[side], "R0", (), None, None, "pair", pair["id"])


def _find_contradictions(
    snapshot: Snapshot, candidate: str, base: str, live: Classifier, seed: int, states: States | None
) -> dict[str, Any]:
    """Of the decisions trained on, what heads say that did not see them; of the others, what the candidate says."""
    weights = parse_weights(candidate)
    said = _judge_unseen(halve_titles(snapshot.rows("train")), weights, base, seed, states)
    ours = Classifier(weights)
    decided = [item.row for item in snapshot.items if item.origin == "decision"]
    for row in decided:
        said.setdefault(row.id, rate(judge(row, ours, states)))
    return find_contradictions(
        [find_route(row) for row in decided],
        [row.relevant for row in decided],
        [rate(judge(row, live, states)) for row in decided],
        [said[row.id] for row in decided],
        [row.id for row in decided],
    )


def _judge_unseen(rows: Sequence[Row], weights: Weights, base: str, seed: int, states: States | None) -> dict[str, float]:
    """Probability of R2 or R3 for every decided row by heads that saw neither it nor a retelling, in the candidate's scale."""
    data = prepare(rows, states=states if weights.wording else None)
    unseen = find_unseen(data, _read_memory(base), seed)
    found: dict[str, float] = {}
    for n, (row, index) in enumerate(zip(rows, data.indices, strict=True)):
        if row.decided:
            worded = None if unseen.wording is None else float(unseen.wording[n])
            heads = weights.heads if worded is None or weights.worded is None else weights.worded
            slope, shift = heads.calibration.get(row.language, (1.0, 0.0))
            log_odds = float((unseen.evidence if unseen.both is None else unseen.both)[n])
            found.setdefault(row.id, limit(squash(slope * log_odds + shift), index, worded, row.language)[0])
    return found


def _read_memory(artefact: str) -> Memories:
    memory: Memories = json.loads(artefact).get("memory", {})
    return memory
