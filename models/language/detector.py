"""From a text to a Detection: script gate, profiles, calibrated probabilities, three reasons to abstain."""

import math
from collections.abc import Mapping, Sequence

from models.language.calibration import Temperature, find_familiar
from models.language.detect import LANGUAGES, UNDECIDED, Detection
from models.language.fold import fold, sample
from models.language.score import Score, Scorer
from models.language.script import encode, guess_by_script, measure_script

# Chosen on the development sets: a text sent to the wrong models costs more than one that an analyst has to route.
THRESHOLD = 0.55
# A single word is often a name, and a name is in no language; a short sentence is.
FEWEST_LETTERS = 8
FEWEST_IN_WORDS = 6

_NAMED_SCRIPTS = ("Latn", "Cyrl", "Arab")
# Whether a text is in a language with a profile takes time to ask, and is asked for languages more probable than this.
_NEGLIGIBLE = 1e-4


class Detector:
    """Scores a text against the profiles of its script. Short headlines are unreliable: give it `title + "\\n" + body`."""

    def __init__(
        self, scorers: Mapping[str, Scorer], temperatures: Mapping[str, Temperature], shifts: Mapping[str, float] | None = None
    ) -> None:
        """`shifts`: log-odds by class that corrections taught (adapt.py); what is not named stays."""
        self.scorers, self.temperatures, self.shifts = scorers, temperatures, shifts or {}

    def detect(self, text: str) -> Detection:
        """Always the same answer for the same text, which may be any sequence of code points."""
        folded = fold(sample(text))
        codes = encode(folded)
        script, letters = measure_script(codes)
        if not script:
            return UNDECIDED
        if script not in self.scorers:
            return Detection("und", script if script in _NAMED_SCRIPTS else "", 1.0, guess_by_script(script, folded))
        scorer = self.scorers[script]
        score = scorer.score(codes)
        if not score.grams:
            return Detection("und", script, 0.0, "")
        probabilities = self._find_probabilities(script, score)
        if self.shifts:
            probabilities = _shift(scorer.labels, probabilities, self.shifts)
        return _decide(script, scorer.labels, probabilities, enough=_is_enough(folded, letters))

    def weigh(self, text: str) -> dict[str, float]:
        """The probability of each of our classes, uz-Latn to en, before any shift; what is missing to 1 is none of ours."""
        codes = encode(fold(sample(text)))
        script, _ = measure_script(codes)
        scorer = self.scorers.get(script)
        score = scorer.score(codes) if scorer else None
        if scorer is None or score is None or not score.grams:
            return {}
        probabilities = self._find_probabilities(script, score)
        return {label: each for label, each in zip(scorer.labels, probabilities, strict=True) if label in LANGUAGES}

    def _find_probabilities(self, script: str, score: Score) -> list[float]:
        scorer = self.scorers[script]
        found = self.temperatures[script].find_probabilities_of_one(score.log_likelihoods, score.grams, scorer.labels)
        return [_doubt(each, score, scorer, at) for at, each in enumerate(found)]


def _shift(labels: Sequence[str], probabilities: Sequence[float], shifts: Mapping[str, float]) -> list[float]:
    """The same with each class made likelier or less so; what was doubted stays doubted."""
    moved = [
        each * math.exp(shifts.get(label if label in LANGUAGES else "und", 0.0))
        for label, each in zip(labels, probabilities, strict=True)
    ]
    scale = sum(probabilities) / max(sum(moved), 1e-300)
    return [each * scale for each in moved]


def _doubt(probability: float, score: Score, scorer: Scorer, column: int) -> float:
    """The same, less where the text is in a language that has no profile."""
    if probability < _NEGLIGIBLE:
        return probability
    return probability * find_familiar(scorer.find_familiarity(score, column), max(1.0, score.threes))


def _is_enough(folded: str, letters: int) -> bool:
    return letters >= FEWEST_LETTERS or (letters >= FEWEST_IN_WORDS and len(folded.split()) > 1)


def _decide(script: str, labels: Sequence[str], probabilities: Sequence[float], *, enough: bool) -> Detection:
    probability = max(probabilities)
    best = labels[probabilities.index(probability)]
    guess = "" if best.startswith("xx-") else best.split("-")[0]
    if enough and best in LANGUAGES and probability >= THRESHOLD:
        return Detection(LANGUAGES[best], script, probability, guess)
    ours = sum(each for label, each in zip(labels, probabilities, strict=True) if label in LANGUAGES)
    return Detection("und", script, max(0.0, 1.0 - ours), guess)
