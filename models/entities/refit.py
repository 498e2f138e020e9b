"""Fit the head of one language again on the shipped encoder, whose states stay as they are: a minute instead of an hour.

    python -m models.entities.refit LANGUAGE FILE[:WEIGHT]... [--check FILE] [--start HEADS] [--out HEADS]

Files hold {"text", "language", "spans"}; a weight says how much each word of a file counts. The new head is held near the old
one, which has seen more. `--check FILE` writes nothing: it labels each quarter of one of the files with a head that has not seen
this quarter, and says how well the old and the new head do. Only a file that the encoder was not trained on is a fair check.
"""

import argparse
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoder.corpus import Sentence, read_sentences
from models.encoder.encode import load_encoder
from models.entities.decode import label_words, make_spans
from models.entities.measure import count_spans, make_f1
from models.entities.tag import HEADS, load_heads, match_words, save_heads
from models.entities.word import find_words

PULL = 1e-3  # what it costs to leave the old head, a unit of squared distance
STEPS = 120
PARTS = 4
BATCH = 64
Matrix = NDArray[Any]
Head = tuple[Matrix, Matrix]


@dataclass(frozen=True, slots=True)
class States:
    """A sentence as the head sees it: its words, the state of each one's first token [words, size], how much its labels count."""

    sentence: Sentence
    words: Sequence[tuple[int, int]]
    states: Matrix
    labels: Sequence[int]
    weight: float


def read_states(sentences: Sequence[Sentence], weight: float) -> list[States]:
    """Read them once; a sentence without words gives nothing."""
    found = []
    for first in range(0, len(sentences), BATCH):
        batch = sentences[first : first + BATCH]
        for item, reading in zip(batch, load_encoder().read([(item.language, item.text) for item in batch]), strict=True):
            words, tokens = match_words(find_words(item.text), reading.offsets)
            if words:
                labels = label_words([start for start, _ in words], item.spans)
                found.append(States(item, words, reading.hidden[tokens], labels, weight))
    return found


def fit(read: Sequence[States], start: Head, pull: float = PULL) -> Head:
    """(weight [size, labels], bias [labels]) of least weighted log loss plus the pull of the head to start from (L-BFGS)."""
    from scipy.optimize import minimize

    find_loss, old = make_loss(read, start, pull)
    head = minimize(find_loss, old.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x.reshape(old.shape)
    return head[:-1].astype(np.float32), head[-1].astype(np.float32)


def make_loss(read: Sequence[States], start: Head, pull: float) -> tuple[Callable[[Matrix], tuple[float, Matrix]], Matrix]:
    """What is made least: the loss of a flat head with its slope; and the head to start from [size + 1, labels], bias last."""
    states = np.concatenate([item.states for item in read]).astype(np.float64)
    labels = np.concatenate([item.labels for item in read])
    weights = np.concatenate([np.full(len(item.labels), item.weight) for item in read])
    weights /= weights.sum()
    old = np.vstack([start[0], start[1][None]]).astype(np.float64)
    states = np.hstack([states, np.ones((len(states), 1))])

    def find_loss(flat: Matrix) -> tuple[float, Matrix]:
        head = flat.reshape(old.shape)
        logs = _soften(states @ head)
        slope = np.exp(logs) * weights[:, None]
        slope[np.arange(len(labels)), labels] -= weights
        moved = head - old
        moved[-1] = 0.0  # the bias is free
        loss = -(weights * logs[np.arange(len(labels)), labels]).sum() + pull * (moved**2).sum()
        return float(loss), (states.T @ slope + 2 * pull * moved).ravel()

    return find_loss, old


def measure(read: Sequence[States], heads: Sequence[Head]) -> float:
    """Strict F1 where each sentence is labelled by the head beside it."""
    found = []
    for item, (weight, bias) in zip(read, heads, strict=True):
        spans = make_spans(item.words, _soften(item.states @ weight + bias).astype(np.float32))
        found.append([(start, end, kind) for start, end, kind, _ in spans])
    return make_f1(*count_spans([item.sentence.spans for item in read], found).get("all", (0, 0, 0)))


def check(read: Sequence[States], checked: str, start: Head) -> tuple[float, float]:
    """Strict F1 on the sentences from this source: of the old head, and of new ones that have not seen what they label."""
    mine = [item for item in read if item.sentence.source == checked]
    parts = [zlib.crc32(item.sentence.text.encode("utf-8", "replace")) % PARTS for item in mine]
    heads = {}
    for part in sorted(set(parts)):
        kept = [item for item, own in zip(mine, parts, strict=True) if own != part]
        heads[part] = fit([*kept, *(item for item in read if item.sentence.source != checked)], start)
    return measure(mine, [start] * len(mine)), measure(mine, [heads[part] for part in parts])


def write_head(target: Path, language: str, head: Head) -> None:
    """The shipped heads with this one in its place."""
    save_heads(load_heads(HEADS) | {language: head}, target)


def _soften(scores: Matrix) -> Matrix:
    scores = scores - scores.max(1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(1, keepdims=True)))


def main(arguments: list[str]) -> None:
    """The command of the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("language", choices=sorted(load_heads(HEADS)))
    parser.add_argument("files", nargs="+")
    parser.add_argument("--check", type=Path)
    parser.add_argument(
        "--start", type=Path, default=HEADS, help="the heads to begin with: for a check, heads that have not seen FILE"
    )
    parser.add_argument("--out", type=Path, default=HEADS)
    chosen = parser.parse_args(arguments)
    read: list[States] = []
    for argument in chosen.files:
        name, _, weight = argument.partition(":")
        sentences = [item for item in read_sentences(Path(name)) if item.language == chosen.language]
        read += read_states(sentences, float(weight or 1))
    start = load_heads(chosen.start)[chosen.language]
    if chosen.check:
        old, new = check(read, chosen.check.name, start)
        sys.stdout.write(f"{chosen.check.name}: strict F1 {old:.3f} before, {new:.3f} after\n")
    else:
        write_head(chosen.out, chosen.language, fit(read, start))


if __name__ == "__main__":
    main(sys.argv[1:])
