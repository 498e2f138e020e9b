"""The tables of the card: `python -m pipeline.learn.figures --data FOLDER [--weights FILE]`, as Markdown.

Our model beside what a user would pick instead, on the same items in the same run: a keyword list, a character n-gram model
trained on the same texts, and logistic regression on the vectors of the frozen encoder, trained on the English ones.
Items: the undisputed development texts of FOLDER, and the held-back texts of this project; for calibration also ordinary real
sentences of FOLDER, which models/texts/ordinary.json names.
"""

import argparse
import csv
import gzip
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from models.encoder.encode import load_encoder
from models.metric import (
    Metric,
    Scored,
    auc,
    brier,
    calibration_error,
    draw_counts,
    f1,
    find_interval,
    find_share_interval,
    make_scored,
    measure,
)
from models.relevance.classify import Classifier, Judgement, limit
from models.relevance.compare import find_route, group_by_route
from models.relevance.dataset import Row, halve_titles, read_rows, read_texts
from models.relevance.fit import FOLDS, assign_folds
from models.relevance.measure import count_keywords, judge, rate
from models.relevance.train import calibrate, find_unseen, prepare
from models.relevance.validate import measure_topics
from models.relevance.weights import load_weights, parse_weights, squash
from models.relevance.wording import States
from pipeline.learn.relevance import measure_pairs
from pipeline.learn.ship import read_shippable
from pipeline.learn.snapshot import HELD_BACK, TEXTS, add_hits

TOP = 20
SEED = 7
ORDINARY = "ordinary"
Rater = Callable[[Sequence[Row]], list[float]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.learn.figures", description="The tables of the card.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--encoder", action=argparse.BooleanOptionalAction, default=True, help="read the wording too")
    parser.add_argument("--rivals", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args(arguments)
    weights = parse_weights(options.weights.read_text(encoding="utf-8")) if options.weights else load_weights()
    encoder = load_encoder()
    states = States(encoder.read, encoder.name) if options.encoder else None
    for line in _iter_lines(options.data, Classifier(weights), states, rivals=options.rivals):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _iter_lines(data: Path, classifier: Classifier, states: States | None, *, rivals: bool) -> Iterator[str]:
    sets = {
        "development": [row for row in read_dev(data) if not row.doubt],
        "held back": [row for row in add_hits(read_texts(TEXTS, HELD_BACK)) if not row.doubt],
    }
    others: dict[str, Rater] = {"keyword list": lambda rows: [min(count_keywords(row), 9) / 10 for row in rows]}
    if rivals:
        rows_known = read_shippable(data)
        others["character n-grams"] = train_characters(rows_known)
        others["frozen encoder, English only"] = train_frozen([row for row in rows_known if row.language == "en"])
    for name, rows in sets.items():
        judgements = [judge(row, classifier, states) for row in rows]
        yield from _iter_main_table(name, rows, judgements, {title: rater(rows) for title, rater in others.items()})
        yield from _iter_negatives(rows, [rate(judgement) for judgement in judgements])
        yield from _iter_label_figures(rows, judgements)
    yield from _iter_calibration([*sets["held back"], *add_hits(read_ordinary(data))], classifier, states)
    yield from _iter_unseen(data, states)
    pairs = measure_pairs(TEXTS, classifier, states=states)
    yield f"\nPairs: {pairs['pairs']}, largest difference {pairs['largest']}, flips {sum(row['flips'] for row in pairs['worst'])}"
    verses = list(_rate_verses(data, classifier, states))
    yield f"Verses: {len(verses)}, flagged {sum(score >= 0.5 for score in verses)}, highest {max(verses, default=0.0):.4f}"


def _iter_calibration(rows: Sequence[Row], classifier: Classifier, states: States | None) -> Iterator[str]:
    """Calibration wants more texts than are hard: beside the held-back ones stand ordinary sentences from real sources."""
    yield "\n### held back, and ordinary real sentences beside them\n"
    yield "| | texts (relevant) | F1 | AUC | ECE | Brier | flagged ordinary sentences |\n|---|---|---|---|---|---|---|"
    scores = [rate(judge(row, classifier, states)) for row in rows]
    for route, chosen in group_by_route(rows).items():
        own = _pick(rows, scores, chosen)
        figures = " | ".join(_say_interval(own, metric) for metric in (f1, auc, calibration_error, brier))
        flagged = sum(scores[n] >= 0.5 for n in chosen if rows[n].source == ORDINARY)
        yield f"| {route} | {len(chosen)} ({int(own.answers.sum())}) | {figures} | {flagged} |"


def read_ordinary(data: Path) -> list[Row]:
    """The sentences that models/texts/ordinary.json names, found again in FOLDER; none is relevant."""
    named = json.loads((TEXTS / "ordinary.json").read_text(encoding="utf-8"))
    numbers = set(named["sib200"]["index_id"])
    found = [
        _make_ordinary(language, code.split("_")[1], text)
        for language, code in named["sib200"]["files"].items()
        for path in sorted((data / "data" / "topics").glob(f"sib200.{code}.*.tsv.gz"))
        for number, text in _read_table(path, "index_id", "text")
        if int(number) in numbers
    ]
    hashes = set(named["fitrat"]["sha256"])
    with gzip.open(data / "data" / "language" / "train.tsv.gz", "rt", encoding="utf-8") as lines:
        texts = {parts[1] for parts in (line.rstrip("\n").split("\t") for line in lines) if parts[0] == "uz-Cyrl"}
    found += [_make_ordinary("uz", "Cyrl", text) for text in sorted(texts) if sha256(text.encode()).hexdigest()[:16] in hashes]
    return found


def _read_table(path: Path, *columns: str) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            yield [row[column] for column in columns]


def _make_ordinary(language: str, script: str, text: str) -> Row:
    name = f"ordinary-{language}-{script}-{sha256(text.encode()).hexdigest()[:12]}"
    return Row(name, language, script, "", text, "R0", (), None, "unrelated", ORDINARY, name)


def _iter_unseen(data: Path, states: States | None) -> Iterator[str]:
    """Calibration on many texts: each judged by heads that saw neither it nor a retelling, scaled by folds that left it out."""
    rows = halve_titles(read_shippable(data))
    yield "\n### texts that trained, each judged by heads that had not seen it\n"
    yield "| | texts (relevant) | F1 | AUC | ECE | Brier |\n|---|---|---|---|---|---|"
    scores = rate_unseen(rows, states)
    for route, chosen in group_by_route(rows).items():
        own = _pick(rows, scores, chosen)
        figures = " | ".join(_say_interval(own, metric) for metric in (f1, auc, calibration_error, brier))
        yield f"| {route} | {len(chosen)} ({int(own.answers.sum())}) | {figures} |"


def rate_unseen(rows: Sequence[Row], states: States | None) -> list[float]:
    """Probability of R2 or R3 of each row by heads and a calibration that had seen neither it nor a retelling, rules included."""
    data, fold_of = prepare(rows, states=states), assign_folds(rows)
    folds = np.array([fold_of[row.family] for row in rows])
    evidence, wording, both = find_unseen(data, {})
    log_odds = evidence if both is None else both
    found = []
    scales = [calibrate(data, {}, log_odds, wording, folds != fold) for fold in range(FOLDS)]
    for n, row in enumerate(rows):
        slope, shift = scales[folds[n]][row.language]
        said = None if wording is None else float(wording[n])
        found.append(limit(squash(slope * float(log_odds[n]) + shift), data.indices[n], said, row.language)[0])
    return found


def read_dev(data: Path) -> list[Row]:
    """The development texts with hits, disputed ones included."""
    paths = sorted((data / "eval" / "dev").glob("relevance.*.jsonl"))
    return add_hits(row for row, _ in read_rows(paths, {}))


def train_characters(rows: Sequence[Row]) -> Rater:
    """The usual quick classifier: TF-IDF of 2 to 5 characters and logistic regression, on the same training texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, max_features=200_000, sublinear_tf=True),
        LogisticRegression(C=10, class_weight="balanced", max_iter=300),
    )
    model.fit([_join(row) for row in rows], [row.relevant for row in rows])
    return lambda asked: model.predict_proba([_join(row) for row in asked])[:, 1].tolist()


def train_frozen(rows: Sequence[Row]) -> Rater:
    """What many would build first: logistic regression on the vectors of a frozen multilingual encoder (ours, unmasked), taught
    in English alone and asked in every language."""
    from sklearn.linear_model import LogisticRegression

    encoder = load_encoder()

    def embed(asked: Sequence[Row]) -> np.ndarray:
        return 5 * np.concatenate([encoder.embed([(row.language, _join(row))]) for row in asked])

    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=300).fit(embed(rows), [row.relevant for row in rows])
    return lambda asked: model.predict_proba(embed(asked))[:, 1].tolist()


def _iter_main_table(
    name: str, rows: Sequence[Row], judgements: Sequence[Judgement], others: dict[str, list[float]]
) -> Iterator[str]:
    ours = [rate(judgement) for judgement in judgements]
    yield f"\n### {name}\n"
    heads = " | ".join(f"{title}: F1 / AUC / p@20" for title in others)
    yield f"| | texts (relevant) | F1 | AUC | p@20 | ECE | Brier | {heads} |"
    yield "|---" * (7 + len(others)) + "|"
    for route, chosen in group_by_route(rows).items():
        own = _pick(rows, ours, chosen)
        figures = " | ".join(_say_interval(own, metric) for metric in (f1, auc, precision_at_top, calibration_error, brier))
        line = " | ".join(_say_rival(_pick(rows, scores, chosen), title) for title, scores in others.items())
        yield f"| {route} | {len(chosen)} ({int(own.answers.sum())}) | {figures} | {line} |"


def _iter_negatives(rows: Sequence[Row], ours: Sequence[float]) -> Iterator[str]:
    yield "\n| negatives | flagged / texts | share (95 %) | by language |\n|---|---|---|---|"
    classes = sorted({row.negative_class for row in rows if not row.relevant and row.negative_class})
    for name in classes:
        places = [n for n, row in enumerate(rows) if not row.relevant and row.negative_class == name]
        flagged = sum(ours[n] >= 0.5 for n in places)
        low, high = find_share_interval(flagged, len(places))
        by_route = {route: [n for n in places if find_route(rows[n]) == route] for route in group_by_route(rows)}
        detail = ", ".join(f"{route} {sum(ours[n] >= 0.5 for n in own)}/{len(own)}" for route, own in by_route.items() if own)
        yield f"| {name} | {flagged}/{len(places)} | {flagged / len(places):.3f} ({low:.3f} to {high:.3f}) | {detail} |"


def _iter_label_figures(rows: Sequence[Row], judgements: Sequence[Judgement]) -> Iterator[str]:
    yield "\n| | topics micro-F1 | genre | level |\n|---|---|---|---|"
    for route, chosen in group_by_route(rows).items():
        judged = [(rows[n], judgements[n]) for n in chosen]
        genre = [best(judgement.genre) == row.genre for row, judgement in judged if row.genre]
        level = [best(judgement.relevance) == row.relevance for row, judgement in judged]
        said = f"{sum(genre) / len(genre):.3f} of {len(genre)}" if genre else "-"
        yield f"| {route} | {measure_topics(judged):.3f} | {said} | {sum(level) / len(level):.3f} |"


def precision_at_top(scored: Scored, counts: np.ndarray) -> float:
    """Share of relevant texts among the 20 highest."""
    order = np.argsort(-scored.scores, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(counts[order])[:-1]])
    taken = np.clip(TOP - before, 0, counts[order])
    return float((taken * scored.answers[order]).sum() / taken.sum()) if taken.sum() else 0.0


def best(distribution: dict[str, float]) -> str:
    """The likeliest label."""
    return max(distribution, key=lambda label: distribution[label])


def _pick(rows: Sequence[Row], scores: Sequence[float], chosen: Sequence[int]) -> Scored:
    return make_scored([scores[n] for n in chosen], [rows[n].relevant for n in chosen], [rows[n].family for n in chosen])


def _say_interval(scored: Scored, metric: Metric) -> str:
    low, high = find_interval([metric(scored, counts) for counts in draw_counts(scored.groups, SEED)])
    return f"{measure(scored, metric):.3f} ({low:.2f} to {high:.2f})"


def _say_rival(scored: Scored, title: str) -> str:
    line = 0.1 if title == "keyword list" else 0.5  # a keyword list flags at its first word
    counts = np.ones(len(scored.scores))
    return f"{f1(scored, counts, line):.2f} / {auc(scored, counts):.2f} / {precision_at_top(scored, counts):.2f}"


def _rate_verses(data: Path, classifier: Classifier, states: States | None) -> Iterator[float]:
    for path in sorted((data / "data" / "text").glob("*.religious-negatives.txt")):
        for verse in path.read_text(encoding="utf-8").splitlines():
            row = Row(path.name, path.name[:2], "", "", verse, "R0", (), None, None, "verse", path.name)
            yield rate(judge(row, classifier, states))


def _join(row: Row) -> str:
    return f"{row.title}\n{row.text}".strip()


if __name__ == "__main__":
    main()
