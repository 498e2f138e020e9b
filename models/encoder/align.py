"""Sentences beside their translations: what the encoder read, mapped to vectors that mean the same in every language.

The encoder's own vectors say what a text is about and keep much of the language it is in. Here the mean and the maximum of the
token states lose the mean of their language and go through a linear map that was trained on translations (align_fit.py).
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.encoder.choice import find_file
from models.encoder.encode import BrokenModel, Encoder, load_encoder

FILE = Path(__file__).with_name("align.safetensors")
Floats = NDArray[np.float32]


class Aligner:
    """Keeps no state between calls, so threads may share it."""

    def __init__(self, encoder: Encoder, file: Path = FILE) -> None:
        """Read the map. Raises BrokenModel when it is missing or damaged."""
        from safetensors import SafetensorError, safe_open

        self._encoder = encoder
        try:
            with safe_open(str(file), "np") as stored:
                languages = (stored.metadata() or {})["languages"].split()
                self._map = stored.get_tensor("map").astype(np.float32)
                self._means = dict(zip(languages, stored.get_tensor("means").astype(np.float32), strict=True))
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise BrokenModel(f"{file}: is missing or damaged ({error}); install xabar again, or run `make encoder`") from error

    def embed(self, texts: Sequence[tuple[str, str]]) -> Floats:
        """One unit vector per (language, text), float32 [texts, size]; a text without tokens has zeros."""
        readings = self._encoder.read(texts)
        pairs = zip(readings, texts, strict=True)
        return np.stack([self.align(reading.hidden, language) for reading, (language, _) in pairs])

    def align(self, hidden: Floats, language: str) -> Floats:
        """The vector of a text of which these are the token states; a language of another name is taken for Russian."""
        if not len(hidden):
            return np.zeros(self._map.shape[1], dtype=np.float32)
        mean = self._means[language if language in self._means else "ru"]
        vector = (pool(hidden) - mean) @ self._map
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def pool(hidden: Floats) -> Floats:
    """Token states [tokens, size] to one row: the direction of their mean, and their greatest values."""
    mean = hidden.mean(0)
    return np.concatenate([mean / np.linalg.norm(mean), hidden.max(0)])


@cache
def load_aligner() -> Aligner:
    """The shipped map on the shipped encoder, built once per process. Raises BrokenModel."""
    return Aligner(load_encoder(), find_file(FILE))
