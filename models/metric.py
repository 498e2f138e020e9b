"""Figures that compare models: F1, AUC, Brier score, calibration error; with intervals by resampling whole stories."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDS = 1000
BINS = 10
LEVEL = 0.95
Z = 1.959964  # of a normal distribution, for 95 %


@dataclass(frozen=True, slots=True)
class Scored:
    """Probabilities and answers of n texts; `groups` numbers their stories, which are drawn whole."""

    scores: Floats
    answers: NDArray[np.bool_]
    groups: NDArray[np.int64]


Metric = Callable[[Scored, Floats], float]


def make_scored(scores: Sequence[float], answers: Sequence[bool], families: Sequence[str]) -> Scored:
    """Number the families and put all three side by side."""
    names = {family: number for number, family in enumerate(dict.fromkeys(families))}
    groups = np.array([names[family] for family in families], dtype=np.int64)
    return Scored(np.array(scores, dtype=np.float64), np.array(answers, dtype=bool), groups)


def f1(scored: Scored, counts: Floats, flag_at: float = 0.5) -> float:
    """F1 at the flagging line; `counts` says how often each text was drawn."""
    flagged = scored.scores >= flag_at
    right = counts[flagged & scored.answers].sum()
    wanted = counts[flagged].sum() + counts[scored.answers].sum()
    return float(2 * right / wanted) if wanted else 0.0


def share(scored: Scored, counts: Floats) -> float:
    """The mean score: of texts that were judged right (1) or wrong (0), the share that is right."""
    return float((counts * scored.scores).sum() / counts.sum()) if counts.sum() else 0.0


def auc(scored: Scored, counts: Floats) -> float:
    """Probability that a relevant text scores above another one; a tie counts half; 0.5 where there is only one kind."""
    values, places = np.unique(scored.scores, return_inverse=True)
    yes = np.bincount(places, counts * scored.answers, len(values))
    no = np.bincount(places, counts * ~scored.answers, len(values))
    pairs = yes.sum() * no.sum()
    below = np.concatenate([[0.0], np.cumsum(no)[:-1]])
    return float((yes * (below + no / 2)).sum() / pairs) if pairs else 0.5


def brier(scored: Scored, counts: Floats) -> float:
    """Mean squared distance of probability and answer: 0 is perfect, 0.25 is what always saying 0.5 gives."""
    return float((counts * (scored.scores - scored.answers) ** 2).sum() / counts.sum())


def calibration_error(scored: Scored, counts: Floats) -> float:
    """Expected calibration error: in ten bins, how far the mean probability is from the share of relevant texts."""
    rows = calibration_curve(scored, counts)
    return sum(weight * abs(said - found) for said, found, weight in rows)


def calibration_curve(scored: Scored, counts: Floats) -> list[tuple[float, float, float]]:
    """(mean probability, share of relevant texts, share of all texts) of each of the ten bins that is not empty."""
    bins = np.minimum((scored.scores * BINS).astype(np.int64), BINS - 1)
    weight = np.bincount(bins, counts, BINS)
    said = np.bincount(bins, counts * scored.scores, BINS)
    found = np.bincount(bins, counts * scored.answers, BINS)
    total = weight.sum()
    return [(float(said[n] / weight[n]), float(found[n] / weight[n]), float(weight[n] / total)) for n in np.flatnonzero(weight)]


def measure(scored: Scored, metric: Metric) -> float:
    """The figure of all texts."""
    return metric(scored, np.ones(len(scored.scores)))


def draw_counts(groups: NDArray[np.int64], seed: int, rounds: int = ROUNDS) -> list[Floats]:
    """How often each text is in each resampling: stories are drawn with replacement, as many as there are."""
    chance = np.random.default_rng(seed)
    size = int(groups.max()) + 1
    return [np.bincount(chance.integers(size, size=size), minlength=size)[groups].astype(np.float64) for _ in range(rounds)]


def find_interval(values: Sequence[float]) -> tuple[float, float]:
    """The middle 95 % of resampled values."""
    low, high = np.quantile(np.array(values), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def find_share_interval(hits: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share. Source: Brown, Cai and DasGupta, Interval Estimation for a Binomial Proportion, 2001."""
    if not total:
        return 0.0, 1.0
    share, spread = hits / total, Z * Z / total
    middle = (share + spread / 2) / (1 + spread)
    half = Z * (share * (1 - share) / total + spread / total / 4) ** 0.5 / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
