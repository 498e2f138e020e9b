"""Train the weights: `python -m models.relevance.train DATA_DIR --hits HITS.jsonl --out models/relevance/weights.json`.

DATA_DIR holds train/written*.jsonl, train/relevance.*.jsonl and, if there is one, eval/exclude.sha256. HITS.jsonl is what
`xabar scan --stages language,gazetteer` prints for the same texts ({"id", "mentions"}); without it the model learns words
only. The same data give the same bytes.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from models.relevance.dataset import Row, read_hits, read_training_rows
from models.relevance.feature import Index, extract_features, is_general_talk, is_keyed, make_index
from models.relevance.labels import load_labels
from models.relevance.logistic import Matrix, Memory, fit_logistic, make_matrix, remember
from models.relevance.reading import read
from models.relevance.weights import Head

VERSION = 2
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
Show = Callable[[int, int], None]
Memories = dict[str, dict[str, list[float]]]  # by head, by feature: center, slope and curve, as logistic.Memory
BIAS, SLOPE = "", "slope"


class Question(NamedTuple):
    """One yes-or-no head: which rows can teach it, and their answers."""

    among: Sequence[bool]
    answers: Sequence[bool]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, train, write."""
    parser = argparse.ArgumentParser(prog="python -m models.relevance.train", description="Train the relevance weights.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--hits", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    rows = read_training_rows(options.data, read_hits(options.hits))
    data = prepare(rows)
    weights = train_prepared(data, {})
    # What retraining (`xabar models train`) will not have again: the real texts, which do not ship.
    memory = make_memory(data, weights, lambda row: row.source != "written")
    options.out.write_text(dump(weights | {"memory": memory}), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows with all that training reads of them, found once."""

    rows: Sequence[Row]
    indices: Sequence[Index]
    features: Sequence[Features]
    weights: Matrix


def prepare(rows: Sequence[Row], show: Show | None = None) -> Prepared:
    """Read every text; `show` is told how many are done."""
    indices, features = [], []
    for done, row in enumerate(rows, 1):
        reading = read(row.title, row.text, row.language, row.hits)
        indices.append(make_index(reading))
        features.append(extract_features(reading, indices[-1]))
        if show:
            show(done, len(rows))
    weights = np.array([_weigh(row, index) for row, index in zip(rows, indices, strict=True)])
    return Prepared(rows, indices, features, weights)


def train(rows: Sequence[Row], memory: Memories | None = None, seed: int = SEED) -> dict[str, object]:
    """All heads, from labelled rows, and from what an earlier model remembers of texts that are not among them."""
    return train_prepared(prepare(rows), memory or {}, seed)


def train_prepared(data: Prepared, memory: Memories, seed: int = SEED) -> dict[str, object]:
    """The same for rows that were read before."""
    fitted = {name: _fit_head(data, name, task, memory.get(name)) for name, task in list_tasks(data.rows).items()}
    by_axis: dict[str, dict[str, object]] = {"topics": {}, "genre": {}}
    for name, head in fitted.items():
        axis, _, label = name.partition(":")
        if label:
            by_axis[axis][label] = head
    return {
        "version": VERSION,
        "trained_on": _count(data.rows),
        "relevant": _set_by_hand(fitted["relevant"]),
        "event": fitted["event"],
        "context": fitted["context"],
        **by_axis,
        "calibration": _calibrate(data, memory, judge_unseen(data, memory, seed)),
    }


def list_tasks(rows: Sequence[Row]) -> dict[str, Question]:
    """Every head with the rows that can teach it and their answers."""
    relevant = [row.relevant for row in rows]
    sure = [row.relevant and row.exact for row in rows]
    unsure = [not row.relevant and row.exact for row in rows]
    topical = [row.relevant and row.topics_known for row in rows]
    with_genre = [row.genre is not None for row in rows]
    labels = load_labels()
    return {
        "relevant": Question([True] * len(rows), relevant),
        "event": Question(sure, [row.relevance == "R3" for row in rows]),
        "context": Question(unsure, [row.relevance == "R1" for row in rows]),
        **{f"topics:{topic}": Question(topical, [topic in row.topics for row in rows]) for topic in labels["topics"]},
        **{f"genre:{genre}": Question(with_genre, [row.genre == genre for row in rows]) for genre in labels["genre"]},
    }


def judge_unseen(data: Prepared, memory: Memories, seed: int = SEED) -> Matrix:
    """Log-odds of relevance for every row by heads that saw neither the row nor a retelling of it."""
    answers = [row.relevant for row in data.rows]
    weights = data.weights * np.array([is_keyed(index) for index in data.indices])
    fold_of = assign_folds(data.rows, seed)
    log_odds = np.zeros(len(data.rows))
    for fold in range(FOLDS):
        seen = [n for n, row in enumerate(data.rows) if fold_of[row.family] != fold]
        features, own = [data.features[n] for n in seen], [answers[n] for n in seen]
        head = _read_head(_fit(features, own, weights[seen], "relevant", memory.get("relevant")))
        for n, row in enumerate(data.rows):
            if fold_of[row.family] == fold:
                log_odds[n] = head.add_up(data.features[n])
    return log_odds


def make_memory(data: Prepared, trained: Mapping[str, Any], is_gone: Callable[[Row], bool], seed: int = SEED) -> Memories:
    """What a model remembers of the rows that will not be there when it is trained again: numbers about features, no texts."""
    gone = [is_gone(row) for row in data.rows]
    found: Memories = {}
    for name, task in list_tasks(data.rows).items():
        axis, _, label = name.partition(":")
        head = _read_head(trained[axis][label] if label else trained[axis])
        chosen = [n for n, there in enumerate(task.among) if there and gone[n]]
        names = sorted(head.weights)
        x = make_matrix([data.features[n] for n in chosen], names)
        y = np.array([float(task.answers[n]) for n in chosen])
        beta = np.array([*(head.weights[each] for each in names), head.bias])
        found[name] = _dump_memory(names, remember(x, y, data.weights[chosen], beta))
    log_odds = judge_unseen(data, {}, seed)
    weights = data.weights * np.array([is_keyed(index) for index in data.indices])
    for language, scale in trained["calibration"].items():
        chosen = [n for n, row in enumerate(data.rows) if row.language == language and gone[n]]
        y = np.array([float(data.rows[n].relevant) for n in chosen])
        found[f"calibration:{language}"] = _dump_memory(
            [SLOPE], remember(log_odds[chosen][:, None], y, weights[chosen], np.array(scale))
        )
    return found


def _set_by_hand(head: dict[str, object]) -> dict[str, object]:
    """No training text is long, so what a mention in passing weighs cannot be learned: it is set here, and the card says so."""
    return head | {"weights": cast(dict[str, float], head["weights"]) | {"passing": PASSING_LOG_ODDS}}


def dump(weights: dict[str, object]) -> str:
    """The text of the weights file: sorted keys, one line a weight."""
    return json.dumps(weights, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _weigh(row: Row, index: Index) -> float:
    """Rows called relevant that the nexus rule calls R1 are not to be learned from: a trace of them stays."""
    return row.weight * (UNTIED_WEIGHT if row.relevant and is_general_talk(index) else 1.0)


def _fit_head(data: Prepared, name: str, task: Question, memory: Mapping[str, Sequence[float]] | None) -> dict[str, object]:
    chosen = [n for n, is_in in enumerate(task.among) if is_in]
    features, answers = [data.features[n] for n in chosen], [task.answers[n] for n in chosen]
    return _fit(features, answers, data.weights[chosen], name.partition(":")[0], memory)


def _fit(
    features: Sequence[Features],
    answers: Sequence[bool],
    weights: Matrix,
    head: str,
    memory: Mapping[str, Sequence[float]] | None = None,
) -> dict[str, object]:
    if len(set(answers)) < 2 and not memory:
        return {"bias": 6.0 if any(answers) else -6.0, "weights": {}}
    names = sorted({*_pick_names(features, head), *(memory or {})} - {BIAS})
    y = np.array(answers, dtype=np.float64)
    while True:
        recalled = _recall(memory, names) if memory else None
        beta = fit_logistic(make_matrix(features, names), y, weights, PENALTY[head], memory=recalled)
        wrong = {name for name, value in zip(names, beta, strict=False) if head == "relevant" and _is_wrong(name, float(value))}
        if not wrong:
            break
        names = [name for name in names if name not in wrong]
    rounded = {name: round(float(value), DIGITS) for name, value in zip(names, beta, strict=False)}
    return {"bias": round(float(beta[-1]), DIGITS), "weights": {name: value for name, value in rounded.items() if value}}


def _recall(memory: Mapping[str, Sequence[float]], names: Sequence[str]) -> Memory:
    rows = np.array([memory.get(name, (0.0, 0.0, 0.0)) for name in (*names, BIAS)], dtype=np.float64)
    return Memory(*rows.T)


def _dump_memory(names: Sequence[str], memory: Memory) -> dict[str, list[float]]:
    """Center, slope and curve of each weight by name."""
    rows = zip((*names, BIAS), *memory, strict=True)
    return {name: [round(float(value), DIGITS) for value in values] for name, *values in rows}


def _is_wrong(name: str, value: float) -> bool:
    """Evidence never lowers and a contrary context never raises: such a weight is chance, and no reason could explain it."""
    return value > 0 if name.startswith(LOWERING) else value < 0


def _pick_names(features: Sequence[Features], head: str) -> list[str]:
    """Features that occur often enough; relevance rests on evidence and its surroundings, never on style."""
    counts = Counter(name for row in features for name in row)
    style = STYLE if head == "relevant" else ()
    return sorted(name for name, count in counts.items() if count >= RARE and not name.startswith(style))


def _calibrate(data: Prepared, memory: Memories, log_odds: Matrix) -> dict[str, list[float]]:
    """Platt scaling per language, over texts with a key, on log-odds of heads that have not seen text nor retellings."""
    answers = [row.relevant for row in data.rows]
    weights = data.weights * np.array([is_keyed(index) for index in data.indices])
    known = {name.removeprefix("calibration:") for name in memory if name.startswith("calibration:")}
    scaled = {}
    for language in sorted({row.language for row in data.rows} | known):
        own = [n for n, row in enumerate(data.rows) if row.language == language]
        y = np.array([float(answers[n]) for n in own])
        recalled = memory.get(f"calibration:{language}")
        slope, shift = fit_logistic(
            log_odds[own][:, None],
            y,
            weights[own],
            CALIBRATION_PENALTY,
            np.array([1.0, 0.0]),
            _recall(recalled, [SLOPE]) if recalled else None,
        )
        scaled[language] = [round(float(slope), DIGITS), round(float(shift), DIGITS)]
    return scaled


def assign_folds(rows: Sequence[Row], seed: int = SEED) -> dict[str, int]:
    """Which fold a family of texts is in; the same for the same families and seed."""
    families = sorted({row.family for row in rows})
    random.Random(seed).shuffle(families)  # noqa: S311  # folds, not secrets
    return {family: number % FOLDS for number, family in enumerate(families)}


def _read_head(data: dict[str, object]) -> Head:
    return Head(cast(float, data["bias"]), cast(dict[str, float], data["weights"]))


def _count(rows: Sequence[Row]) -> dict[str, int]:
    once = {row.id: f"{row.language}-{row.script} {row.relevance}" for row in rows}
    return dict(sorted(Counter(once.values()).items()))


if __name__ == "__main__":
    main()
