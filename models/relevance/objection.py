"""Whether a retrained model may go live: every reason against it, each naming the language, class or pair that got worse."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.metric import find_share_interval
from models.relevance.compare import SMALLER_IS_BETTER

# Worse means: by more than this, and by more than resampling the items explains. Without a least step a change that nobody
# would see could refuse a model.
LEAST_STEP = {"f1": 0.01, "auc": 0.005, "brier": 0.004, "recall": 0.005}
MOST_MOVE = 0.05  # between the two texts of a counterfactual pair
NEVER_NEWLY_FLAGGED = ("ordinary-religion",)
SURE = 0.9  # the live model's probability, either way, from which a contrary decision is a contradiction
MOST_CONTRADICTED = 0.10  # what a calibrated model expects at most where it is sure
SIGN_TEST = 0.05


def find_objections(report: Mapping[str, Any]) -> list[str]:
    """Why this model may not go live; empty when it may."""
    return [
        *_find_worse_languages(report["languages"]),
        *_find_worse_classes(report["negative_classes"]),
        *_find_unfair_pairs(report["pairs"].get("worst", ())),
        *_find_contradicted(report["contradictions"]),
    ]


def find_contradictions(
    routes: Sequence[str], decided: Sequence[bool], live: Sequence[float], candidate: Sequence[float], ids: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Per language: decisions against a live model that is sure, which the candidate, trained on the others, does not share.

    Where analysts know better than the model, the candidate learns it from their other decisions; what it cannot learn is noise.
    """
    found: dict[str, dict[str, Any]] = {route: {"sure": 0, "against": 0, "items": []} for route in sorted(set(routes))}
    for route, yes, said, learned, item in zip(routes, decided, live, candidate, ids, strict=True):
        if max(said, 1 - said) >= SURE:
            row = found[route]
            row["sure"] += 1
            if yes != (said >= 0.5) and yes != (learned >= 0.5):
                row["against"] += 1
                row["items"].append(item)
    for row in found.values():
        row["interval"] = [round(value, 4) for value in find_share_interval(row["against"], row["sure"])]
    return found


def _find_worse_languages(languages: Mapping[str, Any]) -> list[str]:
    reasons = []
    for language, figures in languages.items():
        for metric, least in LEAST_STEP.items():
            if metric not in figures:
                continue
            row = figures[metric]
            sign = 1 if metric in SMALLER_IS_BETTER else -1
            low, high = row["change_interval"]
            if sign * row["change"] > least and min(sign * low, sign * high) > 0:
                reasons.append(
                    f"{language}: {metric} gets worse, from {row['live']:.3f} to {row['candidate']:.3f} "
                    f"(change 95 % between {low:+.3f} and {high:+.3f}, {figures['texts']} texts)"
                )
    return reasons


def _find_worse_classes(classes: Mapping[str, Any]) -> list[str]:
    reasons = []
    for name, row in classes.items():
        new, cleared = len(row["newly_flagged"]), len(row["newly_cleared"])
        forbidden = name in NEVER_NEWLY_FLAGGED and new
        if forbidden or (new > cleared and _find_chance(new, new + cleared) < SIGN_TEST):
            reasons.append(
                f"negative class {name}: {row['flagged']} of {row['texts']} flagged, before {row['flagged_live']}; "
                f"new: {', '.join(row['newly_flagged'][:5])}"
            )
    return reasons


def _find_unfair_pairs(worst: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"fairness, {row['language']}: pair {row['id']} ({row['kind']}) is scored {row['moved']:.3f} apart"
        f"{' and only one side is flagged' if row['flips'] else ''}; at most {MOST_MOVE} is allowed"
        for row in worst
        if row["moved"] > MOST_MOVE or row["flips"]
    ]


def _find_contradicted(contradictions: Mapping[str, Any]) -> list[str]:
    return [
        f"{language}: {row['against']} of {row['sure']} decisions contradict what the model is sure of and nothing else supports "
        f"(95 % between {row['interval'][0]:.0%} and {row['interval'][1]:.0%}; at most {MOST_CONTRADICTED:.0%} is expected): "
        f"have somebody else read them, first {', '.join(row['items'][:5])}"
        for language, row in contradictions.items()
        if row["interval"][0] > MOST_CONTRADICTED
    ]


def _find_chance(new: int, changed: int) -> float:
    """Sign test: how often at least this many of the changed ones would be new flags if up and down were equally likely."""
    total = ways = 1
    for k in range(changed, new, -1):
        ways = ways * k // (changed - k + 1)
        total += ways
    return float(total / 2**changed)
