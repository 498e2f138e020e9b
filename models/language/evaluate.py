"""Measure the detector on labelled texts: python -m models.language.evaluate DEV.tsv [MORE...] [--without SHA256S].

All kinds of files that training takes are read; the figures are those of all their texts together. `untranslated.sha256` names
the development texts that are English (two are code and a product's name) and labelled as the language they should have been
translated into: found where this detector or langdetect said English, and read one by one.
"""

import argparse
import json
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from models.language.corpus import make_key, read_excluded, read_labelled
from models.language.detect import Detection, load_detector
from models.language.fold import fold
from models.language.mixture import measure_mixtures
from models.language.paragraph import find_languages
from models.language.variation import VARIATIONS, vary

CLASSES = ("uz-Latn", "uz-Cyrl", "tg", "ru", "en", "other")
LENGTHS = {"full": None, "50": 50, "20": 20}
SHOWN = (*LENGTHS, "all capitals")
BINS = 10
ROUNDS = 300
Z_95 = 1.96

Detect = Callable[[str], Detection]
Rows = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of one set of texts; `routed_wrong` and `abstained` are shares of the texts, every class weighing the same.

    Inside `other` every language weighs the same. `abstained` counts texts of our languages that became und, `routed_wrong` texts
    of any class that were given a language of ours that is not theirs, `calibration_error` is the expected one over ten bins.
    `intervals` are those of 95 % for each accuracy (Wilson, 1927).
    """

    macro_f1: float
    accuracy: Mapping[str, float]
    abstained: float
    routed_wrong: float
    calibration_error: float
    intervals: Mapping[str, tuple[float, float]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m models.language.evaluate", description=__doc__)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--without", type=Path, help="SHA-256 keys of texts to leave out, one per line")
    options = parser.parse_args(arguments)
    without = read_excluded(options.without)
    rows = [row for path in options.texts for row in load_rows(path) if make_key(row[1]) not in without]
    detect = load_detector().detect
    figures: dict[str, object] = {name: asdict(measure(detect, edited)) for name, edited in iter_edits(rows)}
    figures["macro_f1_intervals"] = {name: find_interval(detect, edited) for name, edited in iter_edits(rows) if name in SHOWN}
    figures["mixed pages"] = {name: asdict(each) for name, each in measure_mixtures(rows, detect, find_languages).items()}
    sys.stdout.write(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    return 0


def load_rows(path: Path) -> list[tuple[str, str]]:
    """(label, text) of one file; labels are the classes, other languages `other:<language>`. Raises ValueError for a bad line."""
    return [(label if label in CLASSES else f"other:{label}", text) for label, text in read_labelled(path)]


def iter_edits(rows: Rows) -> Iterable[tuple[str, Rows]]:
    """The same texts whole, cut, in capitals, and as they are really typed."""
    yield from ((name, [(label, text[:length]) for label, text in rows]) for name, length in LENGTHS.items())
    yield "all capitals", [(label, text.upper()) for label, text in rows]
    for label, variations in VARIATIONS.items():
        for name, letters in variations.items():
            mine = [(gold, text) for gold, text in rows if gold.removeprefix("other:") == label]
            changed = [(gold, vary(text, letters)) for gold, text in mine if vary(text, letters) != fold(text)]
            if changed:
                yield f"{label}, {name}", changed
                yield f"{label}, {name}, 50", [(gold, text[:50]) for gold, text in changed]


def measure(detect: Detect, rows: Rows) -> Report:
    """Every class of the rows weighs the same, whatever its number of texts."""
    weights = _weigh([label for label, _ in rows])
    found = [(_class_of(label), detect(text), weights[label]) for label, text in rows]
    confusion = _count((gold, name_class(detection), weight) for gold, detection, weight in found)
    present = _find_present(confusion)
    texts = Counter(gold for gold, _, _ in found)
    wrong = sum(weight for (gold, said), weight in confusion.items() if said not in ("other", gold))
    abstained = sum(weight for (gold, said), weight in confusion.items() if said == "other" != gold)
    return Report(
        macro_f1=round(_find_macro_f1(confusion), 4),
        accuracy={name: round(confusion.get((name, name), 0.0), 4) for name in present},
        abstained=round(abstained / len([name for name in present if name != "other"] or [1]), 4),
        routed_wrong=round(wrong / len(present), 4),
        calibration_error=round(_find_calibration_error(found), 4),
        intervals={name: find_wilson(confusion.get((name, name), 0.0), texts[name]) for name in present},
    )


def find_interval(detect: Detect, rows: Rows) -> tuple[float, float]:
    """The interval of 95 % of macro-F1: texts drawn anew within every language (bootstrap), always the same draws."""
    weights = _weigh([label for label, _ in rows])
    by_label: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
    for label, text in rows:
        by_label[label].append((_class_of(label), name_class(detect(text)), weights[label]))
    chance = random.Random(0)  # noqa: S311  # a fixed sequence is what is wanted
    drawn = ((each for group in by_label.values() for each in chance.choices(group, k=len(group))) for _ in range(ROUNDS))
    figures = sorted(_find_macro_f1(_count(each)) for each in drawn)
    return round(figures[ROUNDS // 40], 4), round(figures[-ROUNDS // 40 - 1], 4)


def find_wilson(share: float, texts: int) -> tuple[float, float]:
    """Wilson's interval of 95 % for a share of so many texts."""
    square = Z_95**2 / texts
    middle, half = share + square / 2, Z_95 * math.sqrt(share * (1 - share) / texts + square / texts / 4)
    return round((middle - half) / (1 + square), 4), round((middle + half) / (1 + square), 4)


def name_class(detection: Detection) -> str:
    """The class of the confusion matrix that an answer counts as."""
    if detection.language == "uz":
        return f"uz-{detection.script}"
    return "other" if detection.language == "und" else detection.language


def _class_of(label: str) -> str:
    return label.split(":")[0]


def _weigh(labels: Sequence[str]) -> dict[str, float]:
    texts = Counter(labels)
    languages = Counter(_class_of(label) for label in texts)
    return {label: 1 / count / languages[_class_of(label)] for label, count in texts.items()}


def _count(answers: Iterable[tuple[str, str, float]]) -> Mapping[tuple[str, str], float]:
    """Weight per (gold, said)."""
    confusion: dict[tuple[str, str], float] = defaultdict(float)
    for gold, said, weight in answers:
        confusion[gold, said] += weight
    return confusion


def _find_present(confusion: Iterable[tuple[str, str]]) -> list[str]:
    golds = {gold for gold, _ in confusion}
    return [name for name in CLASSES if name in golds]


def _find_macro_f1(confusion: Mapping[tuple[str, str], float]) -> float:
    present = _find_present(confusion)
    return sum(_find_f1(confusion, name) for name in present) / len(present)


def _find_f1(confusion: Mapping[tuple[str, str], float], name: str) -> float:
    gold = sum(weight for (wanted, _), weight in confusion.items() if wanted == name)
    said = sum(weight for (_, answer), weight in confusion.items() if answer == name)
    return 2 * confusion.get((name, name), 0.0) / (gold + said)


def _find_calibration_error(found: Sequence[tuple[str, Detection, float]]) -> float:
    """Expected calibration error of the answers that name a language of ours."""
    gaps: dict[int, float] = defaultdict(float)
    total = 0.0
    for gold, detection, weight in found:
        if detection.language != "und":
            gaps[min(int(detection.confidence * BINS), BINS - 1)] += weight * (
                detection.confidence - (name_class(detection) == gold)
            )
            total += weight
    return sum(map(abs, gaps.values())) / total if total else 0.0


if __name__ == "__main__":
    sys.exit(main())
