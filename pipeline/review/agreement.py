"""Agreement between reviewers: Krippendorff's alpha for any number of them, Cohen's kappa for two, with intervals.

Sources: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), nominal data with missing values; J. Cohen (1960);
J. L. Fleiss, J. Cohen and B. S. Everitt, Large sample standard errors of kappa and weighted kappa (1969).
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Unit = Sequence[Hashable]  # what the reviewers said of one thing, one value each; who said nothing is left out
Pattern = tuple[tuple[Hashable, int], ...]  # how often each value was said of a unit
RESAMPLES = 1000
SEED = 20260922
Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient with its 95 % interval, over so many units; None where it cannot be computed."""

    value: float | None
    low: float | None
    high: float | None
    units: int


def find_alpha(units: Iterable[Unit]) -> float | None:
    """Krippendorff's alpha for nominal values; None without disagreement to expect (one value only, or no unit judged twice)."""
    patterns = _count_patterns(units)
    return _alpha(list(patterns), list(patterns.values()))


def estimate_alpha(units: Sequence[Unit]) -> Estimate:
    """Alpha with a percentile interval from resampled units; the seed is fixed, so the same decisions give the same interval."""
    patterns = _count_patterns(units)
    kinds, counts = list(patterns), np.array(list(patterns.values()), dtype=np.int64)
    size = int(counts.sum())
    value = _alpha(kinds, counts.tolist())
    if value is None:
        return Estimate(None, None, None, size)
    # Units that were judged alike are exchangeable: drawing how many there are of each pattern is drawing the units.
    drawn = np.random.default_rng(SEED).multinomial(size, counts / size, RESAMPLES)
    found = np.sort(_alphas(kinds, drawn))
    return Estimate(
        value, float(found[int(0.025 * len(found))]), float(found[min(int(0.975 * len(found)), len(found) - 1)]), size
    )


def estimate_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> Estimate:
    """Cohen's kappa of two reviewers with the interval of its large-sample standard error."""
    size = len(pairs)
    if not size:
        return Estimate(None, None, None, 0)
    cells, rows, columns = Counter(pairs), Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum(count for (a, b), count in cells.items() if a == b) / size
    expected = sum(rows[value] * columns[value] for value in rows) / size**2
    if expected == 1:
        return Estimate(None, None, None, size)
    kappa = (observed - expected) / (1 - expected)
    share = {key: count / size for key, count in cells.items()}
    row = {key: count / size for key, count in rows.items()}
    column = {key: count / size for key, count in columns.items()}
    same = sum(
        share.get((v, v), 0.0) * ((1 - expected) - (row.get(v, 0.0) + column.get(v, 0.0)) * (1 - observed)) ** 2
        for v in row.keys() | column.keys()
    )
    other = (1 - observed) ** 2 * sum(p * (column.get(a, 0.0) + row.get(b, 0.0)) ** 2 for (a, b), p in share.items() if a != b)
    variance = (same + other - (observed * expected - 2 * expected + observed) ** 2) / (size * (1 - expected) ** 4)
    margin = Z_95 * sqrt(max(variance, 0.0))
    return Estimate(kappa, max(-1.0, kappa - margin), min(1.0, kappa + margin), size)


def pair_up(said: Iterable[tuple[str, str, Hashable]]) -> dict[tuple[str, str], list[tuple[Hashable, Hashable]]]:
    """(unit, reviewer, value) -> for each two reviewers their values on the units that both judged."""
    by_unit: dict[str, dict[str, Hashable]] = defaultdict(dict)
    for unit, reviewer, value in said:
        by_unit[unit][reviewer] = value
    pairs: dict[tuple[str, str], list[tuple[Hashable, Hashable]]] = defaultdict(list)
    for values in by_unit.values():
        for one, two in combinations(sorted(values), 2):
            pairs[one, two].append((values[one], values[two]))
    return dict(pairs)


def _count_patterns(units: Iterable[Unit]) -> Counter[Pattern]:
    # Few units differ: each kind is turned into a pattern once.
    alike = Counter(tuple(sorted(unit, key=repr)) for unit in units if len(unit) > 1)
    found: Counter[Pattern] = Counter()
    for unit, count in alike.items():
        found[tuple(sorted(Counter(unit).items(), key=repr))] += count
    return found


def _alpha(patterns: Sequence[Pattern], counts: Sequence[int]) -> float | None:
    found = _alphas(patterns, np.array([counts], dtype=np.int64)) if patterns else np.empty(0)
    return float(found[0]) if len(found) else None


def _alphas(patterns: Sequence[Pattern], drawn: NDArray[np.int64]) -> NDArray[np.float64]:
    """Alpha of each row of counts by pattern; rows in which no disagreement is to be expected are left out."""
    names = sorted({value for pattern in patterns for value, _ in pattern}, key=repr)
    said = np.array([[dict(pattern).get(name, 0) for name in names] for pattern in patterns], dtype=np.float64)
    times = said.sum(axis=1)
    # Ordered pairs of unlike values, each weighed by 1 / (m - 1), so that a unit counts as often as it was judged.
    unlike = (said * (times[:, None] - said)).sum(axis=1) / (times - 1)
    observed, values = drawn @ unlike, drawn @ said
    total = values.sum(axis=1)
    expected = total * total - (values * values).sum(axis=1)
    known = (total > 1) & (expected > 0)
    return np.asarray(1 - (total[known] - 1) * observed[known] / expected[known], dtype=np.float64)
