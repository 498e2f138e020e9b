"""Logistic regression by Newton's method: small, exact, the same bytes every time. Training only."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
STEPS = 60
TINY = 1e-9


class Memory(NamedTuple):
    """What texts said that are not here any more: their log-loss as a parabola around `center`; bias last."""

    center: Matrix
    slope: Matrix
    curve: Matrix


def fit_logistic(
    x: Matrix, y: Matrix, weight: Matrix, penalty: float | Matrix, start: Matrix | None = None, memory: Memory | None = None
) -> Matrix:
    """Weights (n+1, bias last) that minimise weighted log-loss plus `penalty`/2 times squared distance from `start`.

    The bias is not pulled anywhere. `penalty` is one number or one per weight. `memory` adds what earlier texts said.
    """
    rows, columns = x.shape
    design = np.hstack([x, np.ones((rows, 1))])
    origin = np.zeros(columns + 1) if start is None else start.astype(np.float64)
    ridge = np.append(np.broadcast_to(np.asarray(penalty, dtype=np.float64), columns), TINY)
    center, slope, curve = memory or (origin, np.zeros(columns + 1), np.zeros(columns + 1))
    beta = origin.copy()
    for _ in range(STEPS):
        probability = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weight * (probability - y)) + ridge * (beta - origin) + slope + curve * (beta - center)
        steep = weight * probability * (1 - probability) + TINY
        step = np.linalg.solve(design.T @ (design * steep[:, None]) + np.diag(ridge + curve), gradient)
        beta = beta - np.clip(step, -3, 3)
        if np.abs(step).max() < TINY:
            break
    return beta


def remember(x: Matrix, y: Matrix, weight: Matrix, beta: Matrix) -> Memory:
    """The memory of these texts around `beta`."""
    design = np.hstack([x, np.ones((len(x), 1))])
    probability = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
    steep = weight * probability * (1 - probability)
    return Memory(beta, design.T @ (weight * (probability - y)), (design * design * steep[:, None]).sum(axis=0))


def make_matrix(rows: Sequence[dict[str, float]], names: Sequence[str]) -> Matrix:
    """One line per row, one column per name."""
    column = {name: number for number, name in enumerate(names)}
    x = np.zeros((len(rows), len(names)))
    for number, row in enumerate(rows):
        for name, value in row.items():
            if name in column:
                x[number, column[name]] = value
    return x
