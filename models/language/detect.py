"""The language of a text, with a calibrated confidence, or `und` when it is another language or not sure enough."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.language.detector import Detector

VERSION = "3"
PROFILES = Path(__file__).parent / "profiles"
LANGUAGES = {"uz-Latn": "uz", "uz-Cyrl": "uz", "tg": "tg", "ru": "ru", "en": "en"}


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


@cache
def load_detector(folder: Path = PROFILES) -> "Detector":
    """The detector of these profiles, one per process. Raises ValueError if a file is missing or broken."""
    # numpy takes a tenth of a second, and `xabar --help` imports this module.
    from models.language.calibration import load_calibration
    from models.language.detector import Detector
    from models.language.score import load_scorers

    scorers = load_scorers(folder)
    return Detector(scorers, load_calibration(folder))
