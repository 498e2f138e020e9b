"""Measure the classifier: `python -m models.relevance.measure DATA_DIR --hits HITS.jsonl`.

DATA_DIR is shaped like the evaluation data (eval/dev/relevance.*.jsonl, train/counterfactual.jsonl,
data/text/*.religious-negatives.txt). HITS.jsonl: see train.py; for the pairs, ids end in `a` and `b`. Beside our figures
stands a plain keyword list: how many listed words and names a text has, flagged at one.
"""

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from models.relevance.classify import Classifier, Judgement, load_classifier
from models.relevance.dataset import Row, read_hits, read_rows
from models.relevance.feature import KEY_WORDS
from models.relevance.gate import load_gate
from models.relevance.reading import Hit, read
from models.relevance.wording import States

ROUNDS = 1000
SEED = 7
TOP = 20
FLAG_AT = 0.5
Scored = list[tuple[float, bool]]
Metric = Callable[[Sequence[tuple[float, bool]]], float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one JSON object with all figures."""
    parser = argparse.ArgumentParser(prog="python -m models.relevance.measure", description="Measure the relevance model.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--hits", type=Path, action="append", default=[])
    options = parser.parse_args(arguments)
    hits = read_hits(options.hits)
    classifier = load_classifier()
    report = {
        "languages": measure_languages(read_dev_rows(options.data, hits), classifier),
        "pairs": measure_pairs(options.data, hits, classifier),
        "religious_negatives": measure_verses(options.data, classifier),
    }
    sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) + "\n")


def read_dev_rows(data: Path, hits: Mapping[str, tuple[Hit, ...]]) -> list[Row]:
    """The undisputed development rows."""
    paths = sorted((data / "eval" / "dev").glob("relevance.*.jsonl"))
    return [row for row, _ in read_rows(paths, hits) if not row.doubt]


def measure_languages(rows: Sequence[Row], classifier: Classifier) -> dict[str, dict[str, object]]:
    """Per language and script: F1, AUC, precision at 20 with 95 % intervals, the keyword list, false alarms by class."""
    groups = defaultdict(list)
    for row in rows:
        groups[f"{row.language}-{row.script}"].append(row)
    return {name: _measure_group(group, classifier) for name, group in sorted(groups.items())}


def measure_pairs(data: Path, hits: Mapping[str, tuple[Hit, ...]], classifier: Classifier) -> dict[str, object]:
    """The largest and the mean difference of scores within counterfactual pairs."""
    differences = {}
    for line in (data / "train" / "counterfactual.jsonl").read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        one, two = (
            rate(classifier.classify("", pair[side], pair["language"], "", hits.get(pair["id"] + side, ()))) for side in "ab"
        )
        differences[pair["id"]] = abs(one - two)
    worst = max(differences, key=lambda name: differences[name])
    mean = sum(differences.values()) / len(differences)
    return {"pairs": len(differences), "worst": worst, "largest": round(differences[worst], 4), "mean": round(mean, 4)}


def measure_verses(data: Path, classifier: Classifier) -> dict[str, object]:
    """How many religious verses reach the flagging line, and the highest score among them."""
    scores = [
        rate(classifier.classify("", verse, path.name[:2], "", ()))
        for path in sorted((data / "data" / "text").glob("*.religious-negatives.txt"))
        for verse in path.read_text(encoding="utf-8").splitlines()
    ]
    return {"verses": len(scores), "flagged": sum(s >= FLAG_AT for s in scores), "highest": round(max(scores, default=0.0), 4)}


def rate(judgement: Judgement) -> float:
    """Probability of R2 or R3."""
    return judgement.relevance["R2"] + judgement.relevance["R3"]


def judge(row: Row, classifier: Classifier, states: States | None = None) -> Judgement:
    """The classifier's word on a row, as the pipeline has it: by its wording too, where the cascade asks for the encoder."""
    first = classifier.classify(row.title, row.text, row.language, row.script, row.hits)
    if states is None or not classifier.reads_wording or not (first.evidence or first.keyed):
        return first
    if not (first.closer and first.keyed) and not load_gate().passes(row.title, row.text, row.language, asked=first.closer):
        return first
    worded = states.find(row.language, row.title, row.text)
    return classifier.classify(row.title, row.text, row.language, row.script, row.hits, worded)


def f1(scored: Sequence[tuple[float, bool]], flag_at: float = FLAG_AT) -> float:
    """F1 at the flagging line."""
    right = sum(score >= flag_at and yes for score, yes in scored)
    flagged = sum(score >= flag_at for score, _ in scored)
    wanted = sum(yes for _, yes in scored)
    return 2 * right / (flagged + wanted) if flagged + wanted else 0.0


def auc(scored: Sequence[tuple[float, bool]]) -> float:
    """Probability that a relevant text scores above another one; a tie counts half."""
    yes = [score for score, is_yes in scored if is_yes]
    no = [score for score, is_yes in scored if not is_yes]
    wins = sum((a > b) + 0.5 * (a == b) for a in yes for b in no)
    return wins / (len(yes) * len(no)) if yes and no else 0.5


def precision_at_top(scored: Sequence[tuple[float, bool]]) -> float:
    """Share of relevant texts among the 20 highest."""
    best = sorted(scored, key=lambda item: -item[0])[:TOP]
    return sum(yes for _, yes in best) / len(best) if best else 0.0


def _measure_group(rows: Sequence[Row], classifier: Classifier) -> dict[str, object]:
    ours = [(rate(judge(row, classifier)), row.relevant) for row in rows]
    listed = [(float(count_keywords(row)), row.relevant) for row in rows]
    false_alarms = Counter(
        row.negative_class or "none" for row, (score, yes) in zip(rows, ours, strict=True) if score >= FLAG_AT and not yes
    )
    return {
        "texts": len(rows),
        "relevant": sum(row.relevant for row in rows),
        "f1": _with_interval(ours, f1),
        "auc": _with_interval(ours, auc),
        "precision_at_20": _with_interval(ours, precision_at_top),
        "false_alarms": dict(sorted(false_alarms.items())),
        "negatives": dict(sorted(Counter(row.negative_class or "none" for row in rows if not row.relevant).items())),
        "keyword_list": {
            "f1": round(f1(listed, 1.0), 3),
            "auc": round(auc(listed), 3),
            "precision_at_20": round(precision_at_top(listed), 3),
        },
    }


def count_keywords(row: Row) -> int:
    """What a plain keyword list would count: the same words, and certain names."""
    reading = read(row.title, row.text, row.language, row.hits)
    return sum(len(s.names) + sum(s.has(word) for word in KEY_WORDS) for s in reading.sentences)


def _with_interval(scored: Scored, metric: Metric) -> list[float]:
    """Value and 95 % interval by resampling texts."""
    chance = random.Random(SEED)  # noqa: S311  # resampling, not secrets
    drawn = sorted(metric([chance.choice(scored) for _ in scored]) for _ in range(ROUNDS))
    return [round(value, 3) for value in (metric(scored), drawn[int(0.025 * ROUNDS)], drawn[int(0.975 * ROUNDS) - 1])]


if __name__ == "__main__":
    main()
