"""What corrections teach the detector: how common each language is where its user reads, beside what the letters say.

A shift of log-odds per class, nothing of the profiles: a few dozen corrections are enough, and none of their text is kept.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from models.language.calibration import WANTED, Floats
from models.language.detect import LANGUAGES, load_detector
from models.language.detector import Detector

NONE_OF_OURS = "und"
CLASSES = (*WANTED, NONE_OF_OURS)
PENALTY = 4.0  # of a shift: so many texts pull as hard as the belief that nothing changes
LARGEST = 2.0  # log-odds: no correction may make a language impossible
LEAST = 1e-6
STEPS = 300


def find_class(language: str, script: str) -> str:
    """uz-Latn, uz-Cyrl, tg, ru, en or und."""
    name = f"uz-{script}" if language == "uz" else language
    return name if name in LANGUAGES else NONE_OF_OURS


def read_classes(texts: Sequence[str]) -> Floats:
    """The shipped detector's probabilities of CLASSES for each text, before any shift; float64 [texts, classes]."""
    asked = load_detector()
    found = [asked.weigh(text) for text in texts]
    ours = np.array([[one.get(name, 0.0) for name in WANTED] for one in found]).reshape(-1, len(WANTED))
    return np.hstack([ours, np.maximum(1 - ours.sum(1, keepdims=True), 0.0)])


def fit_shifts(probabilities: Floats, answers: Sequence[str], weights: Floats) -> dict[str, float]:
    """The shift of each class that makes the answers likeliest, pulled towards none; tiny ones are left out."""
    wanted = np.array([[name == answer for name in CLASSES] for answer in answers], dtype=np.float64).reshape(-1, len(CLASSES))
    given = np.log(np.maximum(probabilities, LEAST))
    shifts = np.zeros(len(CLASSES))
    step = 1.0 / (weights.sum() / 2 + PENALTY)  # the loss curves no more than that
    for _ in range(STEPS):
        powers = np.exp(given + shifts - (given + shifts).max(1, keepdims=True))
        slope = (weights[:, None] * (powers / powers.sum(1, keepdims=True) - wanted)).sum(0) + PENALTY * shifts
        shifts = np.clip(shifts - step * slope, -LARGEST, LARGEST)
    return {name: round(float(value), 3) for name, value in zip(CLASSES, shifts, strict=True) if abs(value) >= 0.01}


def load_shifted(shifts: Mapping[str, float]) -> Detector:
    """The shipped detector with these shifts; the profiles are read once a process. Raises ValueError for an unknown class."""
    if odd := sorted(shifts.keys() - set(CLASSES)):
        raise ValueError(f"language model: unknown class {odd[0]!r} (known: {', '.join(CLASSES)})")
    return _load(tuple(sorted(shifts.items())))


@cache
def _load(shifts: tuple[tuple[str, float], ...]) -> Detector:
    shipped = load_detector()
    return Detector(shipped.scorers, shipped.temperatures, dict(shifts)) if shifts else shipped
