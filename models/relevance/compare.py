"""Two classifiers on the same frozen items: per language, per class of negatives, on the fairness pairs, with intervals."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from models.metric import (
    Metric,
    Scored,
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
from models.relevance.dataset import Row

METRICS: dict[str, Metric] = {"f1": f1, "auc": auc, "brier": brier, "ece": calibration_error}
SMALLER_IS_BETTER = ("brier", "ece")
FLAG_AT = 0.5
DIGITS = 4
Rate = Callable[[Row], float]


def compare(rows: Sequence[Row], candidate: Sequence[float], live: Sequence[float], seed: int) -> dict[str, Any]:
    """Figures per language, and per class of negatives over all languages. Probabilities are those of R2 or R3, row by row."""
    return {
        "languages": {
            name: _compare_group([rows[n] for n in chosen], [candidate[n] for n in chosen], [live[n] for n in chosen], seed)
            for name, chosen in group_by_route(rows).items()
        },
        "negative_classes": compare_negatives(rows, candidate, live),
    }


def compare_pairs(
    pairs: Sequence[Mapping[str, Any]], candidate: Mapping[str, float], live: Mapping[str, float]
) -> dict[str, Any]:
    """Counterfactual pairs: how far the two sides are apart. Probabilities by pair id and side (`cf-en-001a`)."""
    found = []
    for pair in pairs:
        ours, theirs = ((scores[pair["id"] + "a"], scores[pair["id"] + "b"]) for scores in (candidate, live))
        found.append(
            {
                "id": pair["id"],
                "language": pair["language"],
                "kind": pair["kind"],
                "moved": round(abs(ours[0] - ours[1]), DIGITS),
                "moved_live": round(abs(theirs[0] - theirs[1]), DIGITS),
                "flips": (ours[0] >= FLAG_AT) != (ours[1] >= FLAG_AT),
            }
        )
    found.sort(key=lambda row: -row["moved"])
    return {"pairs": len(found), "largest": found[0]["moved"] if found else 0.0, "worst": found[:10]}


def group_by_route(rows: Sequence[Row]) -> dict[str, list[int]]:
    """The numbers of the rows of each language, Uzbek by script: uz-Latn, uz-Cyrl, tg, ru, en."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        groups[find_route(row)].append(number)
    return dict(sorted(groups.items()))


def find_route(row: Row) -> str:
    """`uz-Latn`, `uz-Cyrl`, or the language alone."""
    return f"uz-{row.script}" if row.language == "uz" else row.language


def compare_negatives(rows: Sequence[Row], candidate: Sequence[float], live: Sequence[float]) -> dict[str, dict[str, Any]]:
    """Per class of negatives: how many are flagged by each, the share with its interval, and who is newly flagged."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if not row.relevant:
            groups[row.negative_class or "other"].append(number)
    found = {}
    for name, chosen in sorted(groups.items()):
        ours = {rows[n].id for n in chosen if candidate[n] >= FLAG_AT}
        theirs = {rows[n].id for n in chosen if live[n] >= FLAG_AT}
        found[name] = {
            "texts": len(chosen),
            "flagged": len(ours),
            "flagged_live": len(theirs),
            "share": round(len(ours) / len(chosen), DIGITS),
            "interval": _round(find_share_interval(len(ours), len(chosen))),
            "newly_flagged": sorted(ours - theirs),
            "newly_cleared": sorted(theirs - ours),
        }
    return found


def _compare_group(rows: Sequence[Row], candidate: Sequence[float], live: Sequence[float], seed: int) -> dict[str, Any]:
    answers, families = [row.relevant for row in rows], [row.family for row in rows]
    ours, theirs = (make_scored(scores, answers, families) for scores in (candidate, live))
    drawn = draw_counts(ours.groups, seed)
    report: dict[str, Any] = {"texts": len(rows), "relevant": sum(answers)}
    for name, metric in METRICS.items():
        mine, other = ([metric(scored, counts) for counts in drawn] for scored in (ours, theirs))
        value, value_live = measure(ours, metric), measure(theirs, metric)
        report[name] = {
            "candidate": round(value, DIGITS),
            "candidate_interval": _round(find_interval(mine)),
            "live": round(value_live, DIGITS),
            "live_interval": _round(find_interval(other)),
            "change": round(value - value_live, DIGITS),
            "change_interval": _round(find_interval([a - b for a, b in zip(mine, other, strict=True)])),
        }
    report["curve"] = _curve(ours)
    report["curve_live"] = _curve(theirs)
    return report


def _curve(scored: Scored) -> list[list[float]]:
    return [_round(point) for point in calibration_curve(scored, np.ones(len(scored.scores)))]


def _round(values: Sequence[float]) -> list[float]:
    return [round(float(value), DIGITS) for value in values]
