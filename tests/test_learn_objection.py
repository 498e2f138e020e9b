"""What speaks against a retrained model: each reason names the language, the class or the pair, and nothing else is a reason."""

from typing import Any

from models.relevance.compare import compare, compare_negatives, compare_pairs
from models.relevance.dataset import Row
from models.relevance.objection import find_contradictions, find_objections


def make_rows(language: str, count: int, negative_class: str | None = None) -> list[Row]:
    return [
        Row(
            id=f"{language}-{negative_class or ''}{n}",
            language=language,
            script="Latn" if language == "uz" else "Cyrl",
            title="",
            text=f"matn {n}",
            relevance="R0" if negative_class or n % 2 else "R3",
            topics=(),
            genre=None,
            negative_class=None if n % 2 == 0 and not negative_class else negative_class or "state-life",
            source="written",
            family=f"{language}-{n}",
        )
        for n in range(count)
    ]


def make_report(rows: list[Row], candidate: list[float], live: list[float]) -> dict[str, Any]:
    return compare(rows, candidate, live, seed=7) | {"pairs": {"pairs": 0, "largest": 0.0, "worst": []}, "contradictions": {}}


def right(row: Row) -> float:
    return 0.95 if row.relevant else 0.05


def test_the_same_model_has_nothing_against_it() -> None:
    rows = make_rows("uz", 60) + make_rows("tg", 60)
    scores = [right(row) for row in rows]
    assert find_objections(make_report(rows, scores, scores)) == []


def test_a_model_that_got_worse_in_one_language_is_refused_naming_it() -> None:
    rows = make_rows("uz", 80) + make_rows("tg", 80)
    worse = [1 - right(row) if row.language == "tg" and n % 5 == 0 else right(row) for n, row in enumerate(rows)]
    reasons = find_objections(make_report(rows, worse, [right(row) for row in rows]))
    assert reasons
    assert all(reason.startswith(("tg:", "negative class")) for reason in reasons)
    assert any(reason.startswith("tg: f1 gets worse") for reason in reasons)


def test_one_worse_answer_among_many_is_within_chance() -> None:
    rows = make_rows("ru", 120)
    worse = [right(row) if n != 7 else 0.55 for n, row in enumerate(rows)]
    assert find_objections(make_report(rows, worse, [right(row) for row in rows])) == []


def test_one_newly_flagged_item_of_ordinary_religion_is_enough_and_of_another_class_is_not() -> None:
    for name, count in (("ordinary-religion", 1), ("homograph", 0)):
        rows = make_rows("en", 40) + make_rows("en", 40, name)
        live = [right(row) for row in rows]
        candidate = [*live[:-1], 0.6]
        reasons = [reason for reason in find_objections(make_report(rows, candidate, live)) if name in reason]
        assert len(reasons) == count


def test_a_class_whose_negatives_are_flagged_more_and_more_is_named() -> None:
    rows = make_rows("en", 40, "homograph")
    live = [0.1] * 40
    found = compare_negatives(rows, [0.9] * 6 + [0.1] * 34, live)
    assert found["homograph"]["flagged"] == 6
    report = {"languages": {}, "negative_classes": found, "pairs": {"worst": []}, "contradictions": {}}
    assert find_objections(report)[0].startswith("negative class homograph: 6 of 40 flagged, before 0")


def test_a_pair_scored_apart_or_flagged_on_one_side_is_unfair() -> None:
    pairs = [{"id": name, "language": "tg", "kind": "religion"} for name in ("fair", "apart", "flips")]
    scores = {"faira": 0.7, "fairb": 0.72, "aparta": 0.2, "apartb": 0.26, "flipsa": 0.49, "flipsb": 0.51}
    report = {
        "languages": {},
        "negative_classes": {},
        "contradictions": {},
        "pairs": compare_pairs(pairs, scores, dict.fromkeys(scores, 0.1)),
    }
    reasons = find_objections(report)
    assert len(reasons) == 2
    assert "fairness, tg: pair apart (religion) is scored 0.060 apart" in reasons[0]
    assert "flips" in reasons[1]


def test_decisions_that_contradict_a_sure_model_count_only_when_the_new_one_cannot_learn_them() -> None:
    ids = [str(n) for n in range(40)]
    live = [0.97] * 40
    noise = find_contradictions(["ru"] * 40, [n % 3 > 0 for n in range(40)], live, live, ids)
    assert noise["ru"]["against"] == 14
    learned = find_contradictions(["ru"] * 40, [False] * 40, live, [0.2] * 40, ids)
    assert learned["ru"]["against"] == 0
    report: dict[str, Any] = {"languages": {}, "negative_classes": {}, "pairs": {"worst": []}, "contradictions": noise}
    assert find_objections(report)[0].startswith("ru: 14 of 40 decisions contradict")
    assert find_objections(report | {"contradictions": learned}) == []


def test_a_language_that_is_found_less_often_is_named() -> None:
    figure = {"candidate": 0.9, "live": 0.98, "change": -0.08, "change_interval": [-0.12, -0.03]}
    report: dict[str, Any] = {
        "languages": {
            "tg": {"texts": 60, "recall": figure},
            "ru": {"texts": 60, "recall": figure | {"change_interval": [-0.1, 0.0]}},
        },
        "negative_classes": {},
        "pairs": {},
        "contradictions": {},
    }
    (reason,) = find_objections(report)
    assert reason.startswith("tg: recall gets worse, from 0.980 to 0.900")
