"""The cheap first stage: does a text need the encoder at all? A linear model over hashed words, tuned to lose nothing.

It only decides who looks closer and never what anybody sees: a text that it stops is judged by the evidence alone. Words for
peoples, faiths and migrants are left out before anything is counted.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from models.relevance.fold import fold
from models.relevance.lexicon import load_concepts

FOLDER = Path(__file__).parent
BUCKETS = 1 << 16
STEM_LETTERS = 5
WINDOW_WORDS = 60
STRIDE_WORDS = 45
_WORD = re.compile(r"[^\W\d_][\w'’ʻ‘ʼ]*")
_REMEMBERED = 200_000


class Gate:
    """A weight per bucket of hashed words and word beginnings; the highest window of a text decides."""

    def __init__(
        self,
        weights: NDArray[np.float32],
        bias: float,
        thresholds: Mapping[str, float],
        floors: Mapping[str, float] | None = None,
    ) -> None:
        """`thresholds`: per language, the log-odds from which on a text passes; `floors`: the same for one that is asked for."""
        self.weights, self.bias, self.thresholds, self.floors = weights, bias, thresholds, floors or {}

    def passes(self, title: str, text: str, language: str, *, asked: bool = False) -> bool:
        """Whether the encoder shall read this text; what is in no language of ours does not pass.

        `asked`: the evidence model finds little, but more than nothing; without a floor for its language the text passes.
        """
        if asked and language in self.thresholds and language not in self.floors:
            return True
        least = (self.floors if asked else self.thresholds).get(language)
        return least is not None and self.weigh(title, text) >= least

    def weigh(self, title: str, text: str) -> float:
        """Log-odds of the most telling window of about 60 words."""
        words = find_features(f"{title}\n{text}")
        return max((self._weigh(window) for window in iter_windows(words)), default=self.bias)

    def _weigh(self, window: Sequence[tuple[int, int]]) -> float:
        buckets = list({bucket for pair in window for bucket in pair})
        return float(self.weights[buckets].sum()) / float(np.sqrt(len(buckets))) + self.bias


def find_features(text: str) -> list[tuple[int, int]]:
    """The buckets of each word and of its beginning; protected words have none."""
    found = (_make_feature(word) for word in _WORD.findall(fold(text)))
    return [feature for feature in found if feature is not None]


def iter_windows(words: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    """Overlapping stretches of a text; a short text is one."""
    for start in range(0, max(1, len(words) - (WINDOW_WORDS - STRIDE_WORDS)), STRIDE_WORDS):
        if words[start : start + WINDOW_WORDS]:
            yield words[start : start + WINDOW_WORDS]


@cache
def load_gate() -> Gate:
    """The shipped gate, built once per process."""
    data: dict[str, Any] = json.loads((FOLDER / "gate.json").read_text(encoding="utf-8"))
    weights = np.zeros(BUCKETS, dtype=np.float32)
    weights[data["buckets"]] = np.array(data["weights"], dtype=np.float32) / data["scale"]
    return Gate(weights, data["bias"], data["thresholds"], data["floors"])


_KNOWN: dict[str, tuple[int, int] | None] = {}


def _make_feature(word: str) -> tuple[int, int] | None:
    if word not in _KNOWN:
        if len(_KNOWN) >= _REMEMBERED:
            _KNOWN.clear()
        pair = (crc32(word.encode("utf-8", "replace")), crc32(b"^" + word[:STEM_LETTERS].encode("utf-8", "replace")))
        _KNOWN[word] = None if _is_protected(word) else (pair[0] % BUCKETS, pair[1] % BUCKETS)
    return _KNOWN[word]


@cache
def _protected() -> tuple[frozenset[str], tuple[str, ...]]:
    concepts = [concept for concept in load_concepts().values() if concept.role == "protected"]
    terms = {term for concept in concepts for written in concept.terms.values() for term in written}
    return frozenset(term for term in terms if not term.endswith("*")), tuple(term[:-1] for term in terms if term.endswith("*"))


def _is_protected(word: str) -> bool:
    whole, beginnings = _protected()
    return word in whole or word.startswith(beginnings)
