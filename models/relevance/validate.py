"""Figures on the training texts by models that have not seen them: `python -m models.relevance.validate DATA_DIR --hits HITS`.

Written and real texts are told apart, because the written ones are tidy; retellings of a story are never split.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from models.relevance.classify import Classifier, Judgement
from models.relevance.dataset import Row, read_hits, read_training_rows
from models.relevance.fit import FOLDS, assign_folds
from models.relevance.measure import auc, f1, judge, rate
from models.relevance.train import dump, train
from models.relevance.weights import parse_weights

TOPIC_AT = 0.5
Judged = tuple[Row, Judgement]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m models.relevance.validate", description="Out-of-fold figures.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--hits", type=Path, action="append", default=[])
    options = parser.parse_args(arguments)
    rows = read_training_rows(options.data, read_hits(options.hits))
    sys.stdout.write(json.dumps(validate(rows), ensure_ascii=False, indent=1) + "\n")


def validate(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Per language, script and origin: F1 and AUC of relevance, accuracy of level and genre, micro-F1 of topics."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    fold_of = assign_folds(rows)
    for fold in range(FOLDS):
        model = Classifier(parse_weights(dump(train([row for row in rows if fold_of[row.family] != fold]))))
        for row in rows:
            if fold_of[row.family] == fold and (row.title or row.weight == 1):
                origin = "written" if row.source == "written" else "real"
                groups[f"{row.language}-{row.script} {origin}"].append((row, judge(row, model)))
    return {name: _summarise(judged) for name, judged in sorted(groups.items())}


def _summarise(judged: Sequence[Judged]) -> dict[str, float]:
    scored = [(rate(judgement), row.relevant) for row, judgement in judged]
    with_genre = [pair for pair in judged if pair[0].genre]
    return {
        "texts": len(judged),
        "relevant": sum(row.relevant for row, _ in judged),
        "f1": round(f1(scored), 3),
        "auc": round(auc(scored), 3),
        "level_accuracy": _share([_best(judgement.relevance) == row.relevance for row, judgement in judged]),
        "genre_accuracy": _share([_best(judgement.genre) == row.genre for row, judgement in with_genre]),
        "topics_f1": round(measure_topics(judged), 3),
    }


def measure_topics(judged: Sequence[Judged]) -> float:
    """Micro-F1 of topics over the relevant texts."""
    right = found = wanted = 0
    for row, judgement in judged:
        if row.relevant:
            given = {topic for topic, probability in judgement.topics.items() if probability >= TOPIC_AT}
            right += len(given & {*row.topics})
            found += len(given)
            wanted += len(row.topics)
    return 2 * right / (found + wanted) if found + wanted else 0.0


def _best(distribution: dict[str, float]) -> str:
    return max(distribution, key=lambda label: distribution[label])


def _share(answers: Sequence[bool]) -> float:
    return round(sum(answers) / len(answers), 3) if answers else 0.0


if __name__ == "__main__":
    main()
