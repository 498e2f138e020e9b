"""Train the gate: which texts the encoder reads.

    python -m models.relevance.gate_train LABELLED.jsonl... --ordinary TEXTS... [--exclude SHA256S] --out
    models/relevance/gate.json

Labelled texts hold relevance R0 to R3; ordinary ones (TSV of `language<TAB>text`, or plain lines) count as not relevant: a few
are, which costs little. The thresholds let through `--share` of articles made of ordinary texts that were held out;
`--threshold uz=-3.3` sets one that development texts ask for, `--floor ru=-2` what a text needs for which the evidence model
asks weakly. Same data, same bytes.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import LANGUAGES
from models.encoder.corpus import load_excluded, make_key, read_texts
from models.relevance.gate import BUCKETS, Gate, find_features, iter_windows

SCALE = 1000
KEPT_WEIGHT = 0.02  # log-odds; smaller ones are left out
ORDINARY_WEIGHT = 0.5
MOST_ORDINARY = 12_000  # texts a language
SHORTEST = 60  # characters
ARTICLE_CHARACTERS = 2_000


def read_labelled(paths: list[Path], excluded: frozenset[str]) -> Iterator[tuple[list[tuple[int, int]], bool]]:
    """The features of each labelled text, and whether it is R2 or R3; disputed ones and those that may not ship stay out."""
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row.get("ship", True) and not row.get("doubt") and make_key(row["text"]) not in excluded:
                yield find_features(f"{row.get('title') or ''}\n{row['text']}"), row["relevance"] in ("R2", "R3")


def read_ordinary(paths: list[Path], excluded: frozenset[str]) -> dict[str, list[str]]:
    """Ordinary texts of 60 characters or more by language, at most 12,000 each, in the order of their hashes."""
    found: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for path in paths:
        for language, text in read_texts(path):
            if language in found and len(text) >= SHORTEST and (key := make_key(text)) not in excluded:
                found[language][key] = text
    return {language: [texts[key] for key in sorted(texts)][:MOST_ORDINARY] for language, texts in found.items()}


def make_articles(texts: Sequence[str]) -> list[str]:
    """Texts joined to the length of an article, since the highest window of many is higher than that of one."""
    articles = [""]
    for text in texts:
        if len(articles[-1]) >= ARTICLE_CHARACTERS:
            articles.append("")
        articles[-1] += text + "\n"
    return articles


def choose_threshold(gate: Gate, texts: Sequence[str], share: float) -> float:
    """The log-odds that `share` of the ordinary articles reach."""
    scores = sorted(gate.weigh("", article) for article in make_articles(texts))
    return round(scores[int(len(scores) * (1 - share))], 3)


def make_gate(samples: list[tuple[list[tuple[int, int]], bool, float]]) -> Gate:
    """Logistic regression over windows, still without thresholds."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    rows, marks, weights = [], [], []
    for features, relevant, weight in samples:
        for window in list(iter_windows(features))[: 3 if relevant else None]:
            rows.append(sorted({bucket for pair in window for bucket in pair}))
            marks.append(relevant)
            weights.append(weight)
    values = np.concatenate([np.full(len(row), 1 / np.sqrt(len(row)), dtype=np.float32) for row in rows])
    starts = np.cumsum([0, *map(len, rows)])
    matrix = csr_matrix((values, np.concatenate(rows), starts), shape=(len(rows), BUCKETS))
    model = LogisticRegression(C=30.0, class_weight="balanced", max_iter=300).fit(matrix, marks, sample_weight=weights)
    learned: NDArray[np.float32] = np.where(np.abs(model.coef_[0]) < KEPT_WEIGHT, 0, model.coef_[0]).astype(np.float32)
    rounded = np.round(learned * SCALE) / np.float32(SCALE)
    return Gate(rounded.astype(np.float32), round(float(model.intercept_[0]), 4), {})


def save(gate: Gate, path: Path) -> None:
    """Weights in thousandths, beside their buckets."""
    buckets = np.flatnonzero(gate.weights)
    data = {
        "thresholds": dict(gate.thresholds),
        "floors": dict(gate.floors),
        "bias": gate.bias,
        "scale": SCALE,
        "buckets": buckets.tolist(),
        "weights": np.round(gate.weights[buckets] * SCALE).astype(int).tolist(),
    }
    path.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> None:
    """The command of the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("labelled", type=Path, nargs="+")
    parser.add_argument("--ordinary", type=Path, nargs="+", required=True)
    parser.add_argument("--exclude", type=Path)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--threshold", nargs="*", default=[], metavar="LANGUAGE=LOG_ODDS")
    parser.add_argument("--floor", nargs="*", default=[], metavar="LANGUAGE=LOG_ODDS")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    excluded = load_excluded(chosen.exclude)
    ordinary = read_ordinary(chosen.ordinary, excluded)
    samples = [(features, relevant, 1.0) for features, relevant in read_labelled(chosen.labelled, excluded) if features]
    for texts in ordinary.values():
        samples += [(find_features(text), False, ORDINARY_WEIGHT) for place, text in enumerate(texts) if place % 5]
    gate = make_gate(samples)
    held_out = {language: texts[::5] for language, texts in ordinary.items()}
    gate.thresholds = thresholds = {name: choose_threshold(gate, texts, chosen.share) for name, texts in held_out.items()}
    thresholds |= _read_pairs(chosen.threshold)
    gate.floors = _read_pairs(chosen.floor)
    save(gate, chosen.out)


def _read_pairs(written: Sequence[str]) -> dict[str, float]:
    return {name: float(value) for name, _, value in (item.partition("=") for item in written)}


if __name__ == "__main__":
    main(sys.argv[1:])
