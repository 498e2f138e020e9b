"""The figures by which models are compared, against plain countings and published values."""

import random

import numpy as np
import pytest

from models.metric import (
    auc,
    brier,
    calibration_curve,
    calibration_error,
    draw_counts,
    f1,
    find_interval,
    find_share_interval,
    make_scored,
    measure,
)

SCORES = [0.9, 0.8, 0.8, 0.6, 0.4, 0.3, 0.3, 0.1]
ANSWERS = [True, True, False, True, False, True, False, False]
SCORED = make_scored(SCORES, ANSWERS, list("abcdefgh"))


def test_figures_are_what_counting_by_hand_gives() -> None:
    yes = [s for s, a in zip(SCORES, ANSWERS, strict=True) if a]
    no = [s for s, a in zip(SCORES, ANSWERS, strict=True) if not a]
    pairs = [(a > b) + (a == b) / 2 for a in yes for b in no]
    assert measure(SCORED, auc) == pytest.approx(sum(pairs) / len(pairs))
    assert measure(SCORED, f1) == pytest.approx(2 * 3 / (4 + 4))
    assert measure(SCORED, brier) == pytest.approx(sum((s - a) ** 2 for s, a in zip(SCORES, ANSWERS, strict=True)) / 8)


def test_counts_stand_for_repeated_texts() -> None:
    counts = np.array([2, 0, 1, 1, 3, 1, 0, 1], dtype=float)
    repeated = [n for n, count in enumerate(counts) for _ in range(int(count))]
    again = make_scored([SCORES[n] for n in repeated], [ANSWERS[n] for n in repeated], [str(n) for n in repeated])
    for metric in (f1, auc, brier, calibration_error):
        assert metric(SCORED, counts) == pytest.approx(measure(again, metric))


def test_honest_probabilities_have_no_calibration_error_and_boasting_ones_do() -> None:
    chance = random.Random(1)  # noqa: S311  a repeatable choice, no secret
    said = [chance.random() for _ in range(20_000)]
    answers = [chance.random() < p for p in said]
    names = [str(n) for n in range(len(said))]
    assert measure(make_scored(said, answers, names), calibration_error) < 0.02
    assert measure(make_scored([round(p) * 0.98 + 0.01 for p in said], answers, names), calibration_error) > 0.2
    curve = calibration_curve(make_scored(said, answers, names), np.ones(len(said)))
    assert sum(share for _, _, share in curve) == pytest.approx(1)


def test_stories_are_drawn_whole() -> None:
    groups = make_scored([0.1] * 6, [True] * 6, ["wire", "wire", "wire", "own", "wire", "own"]).groups
    for counts in draw_counts(groups, seed=3, rounds=50):
        assert len({counts[n] for n in (0, 1, 2, 4)}) == len({counts[n] for n in (3, 5)}) == 1


def test_interval_holds_the_middle_of_what_was_drawn_and_the_seed_repeats_it() -> None:
    assert find_interval(list(range(1001))) == pytest.approx((25.0, 975.0))
    first, again = (draw_counts(SCORED.groups, seed=5, rounds=3) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)]
)
def test_share_intervals_are_wilsons(hits: int, total: int, low: float, high: float) -> None:
    assert find_share_interval(hits, total) == pytest.approx((low, high), abs=0.0001)
