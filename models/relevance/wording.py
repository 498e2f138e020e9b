"""How a text is worded: what the encoder makes of it once protected words and places are masked, sentence by sentence.

The state of a text is the mean of its tokens' states. So a linear head's word on the text is the sum of what it says of the
sentences, and a reader can be shown which of them carried it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.encoder.encode import Reading
from models.relevance.masking import Masked, mask
from models.relevance.sentence import split_sentences

Floats = NDArray[np.float32]
Read = Callable[[Sequence[tuple[str, str]]], Sequence[Reading]]
TITLE = (-1, -1)  # the span of the title, which does not stand in the text


@dataclass(frozen=True, slots=True)
class Worded:
    """One text: `state` float32 [size] of unit length, the sum of `parts` float32 [sentences, size]; `spans` of the text."""

    state: Floats
    parts: Floats
    spans: tuple[tuple[int, int], ...]


def read_wording(texts: Sequence[tuple[str, str, str]], read: Read) -> list[Worded]:
    """What the encoder's `read` makes of (language, title, text), masked first."""
    masked = [(language, mask(title, language), mask(text, language)) for language, title, text in texts]
    readings = read([(language, f"{title.text}\n{text.text}") for language, title, text in masked])
    return [_split(title, text, reading) for (_, title, text), reading in zip(masked, readings, strict=True)]


class States:
    """What the encoder makes of texts, each read once: training asks for them again and again. A text is some kilobytes."""

    def __init__(self, read: Read, name: str) -> None:
        """`read` is the encoder's, `name` its name and version."""
        self.name = name
        self._read = read
        self._known: dict[tuple[str, str, str], Worded] = {}

    def find(self, language: str, title: str, text: str) -> Worded:
        """The wording of one text."""
        key = (language, title, text)
        if key not in self._known:
            self._known[key] = read_wording([key], self._read)[0]
        return self._known[key]


def _split(title: Masked, text: Masked, reading: Reading) -> Worded:
    before = len(title.text) + 1
    sentences = [(0, before, TITLE)] if title.text.strip() else []
    for start, end in split_sentences(text.text):
        sentences.append((before + start, before + end, (text.find_origin(start), text.find_origin(end - 1) + 1)))
    spans, parts = [], []
    for start, end, origin in sentences:
        first, last = np.searchsorted(reading.offsets[:, 0], (start, end))
        if last > first:
            spans.append(origin)
            parts.append(reading.hidden[first:last].sum(0))
    if not parts:
        size = reading.hidden.shape[1]
        return Worded(np.zeros(size, np.float32), np.zeros((0, size), np.float32), ())
    stacked = np.stack(parts)
    stacked = (stacked / (float(np.linalg.norm(stacked.sum(0))) or 1.0)).astype(np.float32)
    return Worded(stacked.sum(0), stacked, tuple(spans))
