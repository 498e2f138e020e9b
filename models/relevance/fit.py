"""Fit one head at a time: its weights, its line, its calibration. Training only."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from models.relevance.basis import PREFIX, Located
from models.relevance.dataset import Row
from models.relevance.logistic import Matrix, Memory, fit_logistic, make_matrix
from models.relevance.weights import Head

SEED = 7
FOLDS = 5
PENALTY = {"relevant": 1.0, "event": 2.0, "context": 2.0, "topics": 1.5, "genre": 1.5}
WORDING_PENALTY = 10.0  # of a coordinate of the wording in any head
DIGITS = 4
RARE = 3  # a feature seen in fewer texts gets no weight
LOWERING = ("against:", "tie:none", "tie:foreign", "frame:diplomacy", "taliban-state", "taliban-diplomacy", "notice-only")
STYLE = ("act:", "top:", "many:", "frame:official", "frame:court", "frame:authority", "frame:history", "frame:analysis")
LINES = [line / 10 for line in range(-25, 15)]  # log-odds at which a topic might be given
BIAS, SLOPE = "", "slope"
Features = dict[str, float]
Memories = dict[str, dict[str, list[float]]]  # by head, by feature: center, slope and curve, as logistic.Memory
Fitted = dict[str, Any]
Remembered = Mapping[str, Sequence[float]]


def fit_head(
    features: Sequence[Features],
    answers: Sequence[bool],
    weights: Matrix,
    head: str,
    memory: Remembered | None = None,
) -> Fitted:
    """One head as weights.json has it. `head` is relevant, event, context, topics or genre."""
    if len(set(answers)) < 2 and not memory:
        return {"bias": 6.0 if any(answers) else -6.0, "weights": {}}
    names = sorted({*_pick_names(features, head), *(memory or {})} - {BIAS})
    y = np.array(answers, dtype=np.float64)
    while True:
        recalled = recall(memory, names) if memory else None
        penalty = np.array([WORDING_PENALTY if name.startswith(PREFIX) else PENALTY[head] for name in names])
        beta = fit_logistic(make_matrix(features, names), y, weights, penalty, memory=recalled)
        wrong = {name for name, value in zip(names, beta, strict=False) if head == "relevant" and _is_wrong(name, float(value))}
        if not wrong:
            break
        names = [name for name in names if name not in wrong]
    rounded = {name: round(float(value), DIGITS) for name, value in zip(names, beta, strict=False)}
    return {"bias": round(float(beta[-1]), DIGITS), "weights": {name: value for name, value in rounded.items() if value}}


def judge_unseen(
    rows: Sequence[Row],
    features: Sequence[Features],
    answers: Sequence[bool],
    weights: Matrix,
    head: str,
    memory: Remembered | None = None,
    seed: int = SEED,
) -> Matrix:
    """Log-odds for every row by heads that saw neither the row nor a retelling of it."""
    fold_of = assign_folds(rows, seed)
    log_odds = np.zeros(len(rows))
    for fold in range(FOLDS):
        seen = [n for n, row in enumerate(rows) if fold_of[row.family] != fold]
        fitted = read_head(fit_head([features[n] for n in seen], [answers[n] for n in seen], weights[seen], head, memory))
        for n, row in enumerate(rows):
            if fold_of[row.family] == fold:
                log_odds[n] = fitted.add_up(features[n])
    return log_odds


class Lesson(NamedTuple):
    """Where a text and its sentences stand, which of them carry its evidence, and whether it may teach the wording at all."""

    located: Located
    telling: tuple[int, ...]
    taught: bool


def fit_wording(lessons: Sequence[Lesson], answers: Sequence[bool], weights: Matrix, memory: Remembered | None = None) -> Fitted:
    """The head of relevance by wording."""
    x, y, weighed = stack_lessons(lessons, answers, weights)
    names = [f"{PREFIX}{number}" for number in range(x.shape[1])]
    beta = fit_logistic(x, y, weighed, WORDING_PENALTY, memory=recall(memory, names) if memory else None)
    rounded = {name: round(float(value), DIGITS) for name, value in zip(names, beta, strict=False)}
    return {"bias": round(float(beta[-1]), DIGITS), "weights": rounded}


def judge_wording_unseen(
    rows: Sequence[Row],
    lessons: Sequence[Lesson],
    answers: Sequence[bool],
    weights: Matrix,
    memory: Remembered | None = None,
    seed: int = SEED,
) -> Matrix:
    """Log-odds by the wording for every row, by heads that saw neither the row nor a retelling of it."""
    fold_of = assign_folds(rows, seed)
    log_odds = np.zeros(len(rows))
    for fold in range(FOLDS):
        seen = [n for n, row in enumerate(rows) if fold_of[row.family] != fold]
        head = fit_wording([lessons[n] for n in seen], [answers[n] for n in seen], weights[seen], memory)
        direction = np.array([*head["weights"].values()])
        for n, row in enumerate(rows):
            if fold_of[row.family] == fold:
                log_odds[n] = lessons[n].located.weigh(direction, head["bias"])[0]
    return log_odds


def stack_lessons(lessons: Sequence[Lesson], answers: Sequence[bool], weights: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Texts, and under them their sentences, which share the weight of their text.

    Of a text that is not relevant every sentence is not; of a relevant one those that carry its evidence are.
    """
    kept = [n for n, lesson in enumerate(lessons) if lesson.taught]
    x, y, weighed = [lessons[n].located.text for n in kept], [answers[n] for n in kept], [float(weights[n]) for n in kept]
    for n in kept:
        sentences = lessons[n].located.sentences
        chosen = lessons[n].telling if answers[n] else range(len(sentences))
        if len(sentences) > 1 and chosen:
            x += [sentences[place] for place in chosen]
            y += [answers[n]] * len(chosen)
            weighed += [float(weights[n]) / len(chosen)] * len(chosen)
    return np.array(x, dtype=np.float64), np.array(y, dtype=np.float64), np.array(weighed)


def find_lines(unseen: Matrix, answers: Matrix, weights: Matrix) -> Matrix:
    """The log-odds from which on each topic is given: midway between its own best line and the best one for all.

    By F1, on texts that the heads had not seen; rows are texts, columns topics. A topic's own line rests on few texts.
    """
    shared = _find_best_line(unseen, answers, weights[:, None])
    own = [_find_best_line(unseen[:, n], answers[:, n], weights) for n in range(unseen.shape[1])]
    return np.asarray((np.array(own) + shared) / 2)


def scale(log_odds: Matrix, answers: Matrix, weights: Matrix, penalty: float, memory: Remembered | None = None) -> list[float]:
    """Platt scaling: slope and shift that make log-odds honest."""
    recalled = recall(memory, [SLOPE]) if memory else None
    slope, shift = fit_logistic(log_odds[:, None], answers, weights, penalty, np.array([1.0, 0.0]), recalled)
    return [round(float(slope), DIGITS), round(float(shift), DIGITS)]


def recall(memory: Remembered, names: Sequence[str]) -> Memory:
    """What is remembered of these features, and of the bias."""
    rows = np.array([memory.get(name, (0.0, 0.0, 0.0)) for name in (*names, BIAS)], dtype=np.float64)
    return Memory(*rows.T)


def dump_memory(names: Sequence[str], memory: Memory) -> dict[str, list[float]]:
    """Center, slope and curve of each weight by name."""
    rows = zip((*names, BIAS), *memory, strict=True)
    return {name: [round(float(value), DIGITS) for value in values] for name, *values in rows}


def assign_folds(rows: Sequence[Row], seed: int = SEED) -> dict[str, int]:
    """Which fold a family of texts is in; the same for the same families and seed."""
    families = sorted({row.family for row in rows})
    random.Random(seed).shuffle(families)  # noqa: S311  # folds, not secrets
    return {family: number % FOLDS for number, family in enumerate(families)}


def read_head(data: Mapping[str, object]) -> Head:
    """A fitted head, ready to be asked."""
    return Head(cast(float, data["bias"]), cast(dict[str, float], data["weights"]))


def _find_best_line(unseen: Matrix, answers: Matrix, weights: Matrix) -> float:
    def rate(line: float) -> float:
        given = unseen >= line
        return float(2 * (weights * given * answers).sum() / max((weights * (given + answers)).sum(), 1e-9))

    return max(LINES, key=rate)


def _is_wrong(name: str, value: float) -> bool:
    """Evidence never lowers and a contrary context never raises: such a weight is chance, and no reason could explain it."""
    return value > 0 if name.startswith(LOWERING) else value < 0


def _pick_names(features: Sequence[Features], head: str) -> list[str]:
    """Features that occur often enough; relevance rests on evidence and its surroundings, never on style."""
    counts = Counter(name for row in features for name in row)
    style = STYLE if head == "relevant" else ()
    return sorted(name for name, count in counts.items() if count >= RARE and not name.startswith(style))
