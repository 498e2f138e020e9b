"""Train the weights: `python -m models.relevance.train DATA_DIR --hits HITS.jsonl --out models/relevance/weights.json`.

DATA_DIR holds train/written*.jsonl, train/relevance.*.jsonl and, if there is one, eval/exclude.sha256. HITS.jsonl is what
`xabar scan --stages language,gazetteer` prints for the same texts ({"id", "mentions"}); without it the model learns words
only. The same data give the same bytes.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np

from models.relevance.dataset import Row, read_hits, read_training_rows
from models.relevance.feature import Index, extract_features, is_general_talk, is_keyed, make_index
from models.relevance.labels import load_labels
from models.relevance.logistic import Matrix, fit_logistic, make_matrix
from models.relevance.reading import read
from models.relevance.weights import Head

VERSION = 1
SEED = 7
FOLDS = 5
PENALTY = {"relevant": 1.0, "event": 2.0, "context": 2.0, "topics": 1.5, "genre": 1.5}
CALIBRATION_PENALTY = 5.0
DIGITS = 4
UNTIED_WEIGHT = 0.2
PASSING_LOG_ODDS = -3.0
RARE = 3  # a feature seen in fewer texts gets no weight
LOWERING = ("against:", "tie:none", "tie:foreign", "frame:diplomacy", "taliban-state", "taliban-diplomacy", "notice-only")
STYLE = ("act:", "top:", "many:", "frame:official", "frame:court", "frame:authority", "frame:history", "frame:analysis")
Features = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, train, write."""
    parser = argparse.ArgumentParser(prog="python -m models.relevance.train", description="Train the relevance weights.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--hits", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    rows = read_training_rows(options.data, read_hits(options.hits))
    options.out.write_text(dump(train(rows)), encoding="utf-8")


def train(rows: Sequence[Row]) -> dict[str, object]:
    """All heads, from labelled rows."""
    readings = [read(row.title, row.text, row.language, row.hits) for row in rows]
    indices = [make_index(reading) for reading in readings]
    features = [extract_features(reading, index) for reading, index in zip(readings, indices, strict=True)]
    keyed = [is_keyed(index) for index in indices]
    weights = np.array([_weigh(row, index) for row, index in zip(rows, indices, strict=True)])
    relevant = [row.relevant for row in rows]
    labels = load_labels()

    def fit(head: str, among: Sequence[bool], answers: Sequence[bool]) -> dict[str, object]:
        chosen = [n for n, is_in in enumerate(among) if is_in]
        return _fit([features[n] for n in chosen], [answers[n] for n in chosen], weights[chosen], head)

    everything = [True] * len(rows)
    with_genre = [row.genre is not None for row in rows]
    return {
        "version": VERSION,
        "trained_on": _count(rows),
        "relevant": _set_by_hand(fit("relevant", everything, relevant)),
        "event": fit("event", relevant, [row.relevance == "R3" for row in rows]),
        "context": fit("context", [not yes for yes in relevant], [row.relevance == "R1" for row in rows]),
        "topics": {topic: fit("topics", relevant, [topic in row.topics for row in rows]) for topic in labels["topics"]},
        "genre": {genre: fit("genre", with_genre, [row.genre == genre for row in rows]) for genre in labels["genre"]},
        "calibration": _calibrate(rows, features, weights * np.array(keyed)),
    }


def _set_by_hand(head: dict[str, object]) -> dict[str, object]:
    """No training text is long, so what a mention in passing weighs cannot be learned: it is set here, and the card says so."""
    return head | {"weights": cast(dict[str, float], head["weights"]) | {"passing": PASSING_LOG_ODDS}}


def dump(weights: dict[str, object]) -> str:
    """The text of the weights file: sorted keys, one line a weight."""
    return json.dumps(weights, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _weigh(row: Row, index: Index) -> float:
    """Rows called relevant that the nexus rule calls R1 are not to be learned from: a trace of them stays."""
    return row.weight * (UNTIED_WEIGHT if row.relevant and is_general_talk(index) else 1.0)


def _fit(features: Sequence[Features], answers: Sequence[bool], weights: Matrix, head: str) -> dict[str, object]:
    if len(set(answers)) < 2:
        return {"bias": 6.0 if any(answers) else -6.0, "weights": {}}
    names = _pick_names(features, head)
    y = np.array(answers, dtype=np.float64)
    while True:
        beta = fit_logistic(make_matrix(features, names), y, weights, PENALTY[head])
        wrong = {name for name, value in zip(names, beta, strict=False) if head == "relevant" and _is_wrong(name, float(value))}
        if not wrong:
            break
        names = [name for name in names if name not in wrong]
    rounded = {name: round(float(value), DIGITS) for name, value in zip(names, beta, strict=False)}
    return {"bias": round(float(beta[-1]), DIGITS), "weights": {name: value for name, value in rounded.items() if value}}


def _is_wrong(name: str, value: float) -> bool:
    """Evidence never lowers and a contrary context never raises: such a weight is chance, and no reason could explain it."""
    return value > 0 if name.startswith(LOWERING) else value < 0


def _pick_names(features: Sequence[Features], head: str) -> list[str]:
    """Features that occur often enough; relevance rests on evidence and its surroundings, never on style."""
    counts = Counter(name for row in features for name in row)
    style = STYLE if head == "relevant" else ()
    return sorted(name for name, count in counts.items() if count >= RARE and not name.startswith(style))


def _calibrate(rows: Sequence[Row], features: Sequence[Features], weights: Matrix) -> dict[str, list[float]]:
    """Platt scaling per language, over texts with a key, on log-odds of models that have not seen text nor retellings."""
    answers = [row.relevant for row in rows]
    fold_of = assign_folds(rows)
    log_odds = np.zeros(len(rows))
    for fold in range(FOLDS):
        seen = [n for n in range(len(rows)) if fold_of[rows[n].family] != fold]
        head = _read_head(_fit([features[n] for n in seen], [answers[n] for n in seen], weights[seen], "relevant"))
        for n in range(len(rows)):
            if fold_of[rows[n].family] == fold:
                log_odds[n] = head.add_up(features[n])
    scaled = {}
    for language in sorted({row.language for row in rows}):
        own = [n for n, row in enumerate(rows) if row.language == language]
        y = np.array([float(answers[n]) for n in own])
        slope, shift = fit_logistic(log_odds[own][:, None], y, weights[own], CALIBRATION_PENALTY, np.array([1.0, 0.0]))
        scaled[language] = [round(float(slope), DIGITS), round(float(shift), DIGITS)]
    return scaled


def assign_folds(rows: Sequence[Row]) -> dict[str, int]:
    """Which fold a family of texts is in; the same for the same families."""
    families = sorted({row.family for row in rows})
    random.Random(SEED).shuffle(families)  # noqa: S311  # folds, not secrets
    return {family: number % FOLDS for number, family in enumerate(families)}


def _read_head(data: dict[str, object]) -> Head:
    return Head(cast(float, data["bias"]), cast(dict[str, float], data["weights"]))


def _count(rows: Sequence[Row]) -> dict[str, int]:
    once = {row.id: f"{row.language}-{row.script} {row.relevance}" for row in rows}
    return dict(sorted(Counter(once.values()).items()))


if __name__ == "__main__":
    main()
