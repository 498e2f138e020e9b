"""The language of a text, with a calibrated confidence, or `und` when it is another language or not sure enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from models.language.fold import fold, sample

if TYPE_CHECKING:
    from models.language.calibration import Temperature
    from models.language.score import Scorer

VERSION = "3"
PROFILES = Path(__file__).parent / "profiles"
# Chosen on the development sets: a text sent to the wrong models costs more than one that an analyst has to route.
THRESHOLD = 0.55
# A single word is often a name, and a name is in no language; a short sentence is.
FEWEST_LETTERS = 8
FEWEST_IN_WORDS = 6

LANGUAGES = {"uz-Latn": "uz", "uz-Cyrl": "uz", "tg": "tg", "ru": "ru", "en": "en"}
_NAMED_SCRIPTS = ("Latn", "Cyrl", "Arab")


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found.

    `language` is uz, tg, ru, en or und; `script` Latn, Cyrl, Arab or "" (another, or no letters); `confidence` the probability of
    `language`, for und that of being none of ours; `guess` the likeliest language of all, neighbours included, or "".
    """

    language: str
    script: str
    confidence: float
    guess: str


UNDECIDED = Detection("und", "", 0.0, "")


class Detector:
    """Scores a text against the profiles of its script. Short headlines are unreliable: give it `title + "\\n" + body`."""

    def __init__(self, scorers: Mapping[str, "Scorer"], temperatures: Mapping[str, "Temperature"]) -> None:
        self.scorers, self.temperatures = scorers, temperatures

    def detect(self, text: str) -> Detection:
        """Always the same answer for the same text, which may be any sequence of code points."""
        from models.language.calibration import find_familiar
        from models.language.script import count_letters, encode, find_script, guess_by_script

        folded = fold(sample(text))
        codes = encode(folded)
        script = find_script(codes)
        if not script:
            return UNDECIDED
        if script not in self.scorers:
            return Detection("und", script if script in _NAMED_SCRIPTS else "", 1.0, guess_by_script(script, folded))
        scorer = self.scorers[script]
        score = scorer.score(codes)
        if not score.grams:
            return Detection("und", script, 0.0, "")
        probabilities = self.temperatures[script].find_probabilities(score.log_likelihoods, score.grams, scorer.labels)
        probabilities *= find_familiar(score.familiarity, score.threes)
        found = dict(zip(scorer.labels, probabilities.tolist(), strict=True))
        return _decide(script, found, enough=_is_enough(folded, count_letters(codes)))


@cache
def load_detector(folder: Path = PROFILES) -> Detector:
    """The detector of these profiles, one per process. Raises ValueError if a file is missing or broken."""
    # numpy takes a tenth of a second, and `xabar --help` imports this module.
    from models.language.calibration import load_calibration
    from models.language.score import load_scorers

    scorers = load_scorers(folder)
    return Detector(scorers, load_calibration(folder))


def _is_enough(folded: str, letters: int) -> bool:
    return letters >= FEWEST_LETTERS or (letters >= FEWEST_IN_WORDS and len(folded.split()) > 1)


def _decide(script: str, probabilities: Mapping[str, float], *, enough: bool) -> Detection:
    best = max(probabilities, key=lambda label: probabilities[label])
    guess = "" if best.startswith("xx-") else best.split("-")[0]
    if enough and best in LANGUAGES and probabilities[best] >= THRESHOLD:
        return Detection(LANGUAGES[best], script, probabilities[best], guess)
    ours = sum(probabilities.get(label, 0.0) for label in LANGUAGES)
    return Detection("und", script, max(0.0, 1.0 - ours), guess)
