"""Names of persons, organisations and places in a text: the heads over what the encoder read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.encoder.choice import find_file
from models.encoder.encode import BrokenModel, Encoder, Reading, load_encoder
from models.entities.decode import make_spans
from models.entities.word import find_words

HEADS = Path(__file__).parent / "heads.safetensors"
Heads = Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
"""(weight [size, labels], bias [labels]) of each language."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text, in code points: whole words with their suffixes, without quotes. `kind` is PER, ORG or LOC."""

    start: int
    end: int
    kind: str
    probability: float


class Tagger:
    """A linear head per language. It keeps no state between calls, so threads may share it."""

    def __init__(self, encoder: Encoder, heads: Path | Heads | None = None) -> None:
        """Use this encoder, and heads from a file or as they are; None: those that stand on it. Raises BrokenModel."""
        heads = find_file(HEADS) if heads is None else heads
        self._encoder, self._heads = encoder, load_heads(heads) if isinstance(heads, Path) else heads

    def find(self, texts: Sequence[tuple[str, str]]) -> list[list[Name]]:
        """The names of each (language, text), from left to right."""
        readings = self._encoder.read(texts)
        return [self.tag(reading, text, language) for reading, (language, text) in zip(readings, texts, strict=True)]

    def tag(self, reading: Reading, text: str, language: str) -> list[Name]:
        """The names of a text that the encoder has read; a language without a head of its own takes the Russian one."""
        weight, bias = self._heads.get(language, self._heads["ru"])
        words, tokens = match_words(find_words(text), reading.offsets)
        if not words:
            return []
        scores = reading.hidden[tokens] @ weight + bias
        scores -= scores.max(1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(1, keepdims=True))
        return [Name(*span) for span in make_spans(words, scores) if any(map(str.isalpha, text[span[0] : span[1]]))]


def load_heads(file: Path) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """(weight [size, labels], bias [labels]) of each language. Raises BrokenModel when the file is missing or damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(file), "np") as stored:
            languages = (stored.metadata() or {})["languages"]
            weight, bias = stored.get_tensor("weight"), stored.get_tensor("bias")
    except (OSError, SafetensorError, KeyError) as error:
        raise BrokenModel(f"{file}: is missing or damaged ({error}); install xabar again, or run `make encoder`") from error
    return {language: (weight[place].T, bias[place]) for place, language in enumerate(languages.split())}


def save_heads(heads: Heads, file: Path) -> None:
    """Write heads as `load_heads` reads them."""
    from safetensors.numpy import save_file

    tensors = {
        "weight": np.stack([np.ascontiguousarray(weight.T) for weight, _ in heads.values()]),
        "bias": np.stack([bias for _, bias in heads.values()]),
    }
    save_file(tensors, str(file), metadata={"languages": " ".join(heads)})


@cache
def load_tagger() -> Tagger:
    """The shipped heads on the shipped encoder, built once per process. Raises BrokenModel."""
    return Tagger(load_encoder())


def match_words(words: list[tuple[int, int]], offsets: NDArray[np.int32]) -> tuple[list[tuple[int, int]], list[int]]:
    """The words that have a token, each with the first token that holds its first character."""
    if not words or not len(offsets):
        return [], []
    starts = np.array([start for start, _ in words])
    tokens = np.searchsorted(offsets[:, 1], starts, side="right")
    held = tokens < len(offsets)
    held[held] &= offsets[tokens[held], 0] <= starts[held]
    return [word for word, kept in zip(words, held, strict=True) if kept], tokens[held].tolist()
