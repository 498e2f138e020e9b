"""Which passages of one text are in which language: pages that mix Uzbek and Russian are common.

The text is cut at line breaks and sentence ends. Every piece says how probable each language is, a change of language has a
price, and the cheapest sequence is taken (Viterbi, 1967): a short line goes with its neighbours, a quotation stays where it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.language.detect import LANGUAGES, Detection, load_detector

if TYPE_CHECKING:
    from models.language.detector import Detector

# In nats, chosen on mixtures of the development texts: what a change costs at a line break, and within a paragraph.
LINE_PRICE = 4.0
SENTENCE_PRICE = 9.0

_SIGN = re.compile(r"[.!?…\n]")
_LINE, _BEHIND_STOP = re.compile(r"\n\s*"), re.compile(r"[\"'»”’)]?\s+")
_UNDECIDED = "und"

_LATIN_RUN = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,}+(?:\W++[A-Za-z]{2,}+){2}")  # from the beginning of a word: linear
_CYRILLIC_RUN = re.compile("[\u0400-\u04ff]{3}")
_UZBEK_LETTER = re.compile(r"[ʻʼ‘’'`´](?<=[oOgG].)(?![stSTlLrRvVdDmM]\b)[A-Za-z]")  # the sign first: quicker
_LATIN_LETTERS = 6  # at least, in three words
_NO_LATIN = bytes(code for code in range(128) if not chr(code).isalpha())


@dataclass(frozen=True, slots=True)
class _Marks:
    """What a passage in another language can hardly do without: fragments that the document's language lacks, little words, three
    words in a row in the other alphabet. Without any of these the pieces are not weighed one by one, which is most of what
    this module costs.
    """

    fragments: tuple[str, ...]
    words: frozenset[str]
    is_latin: bool = False
    pattern: re.Pattern[str] | None = None

    def are_in(self, text: str) -> bool:
        """Whether any of them stands in the text."""
        if any(fragment in text for fragment in self.fragments) or not self.words.isdisjoint(text.split()):
            return True
        if self.pattern and self.pattern.search(text):
            return True
        if self.is_latin:
            return not text.isascii() and _CYRILLIC_RUN.search(text) is not None
        latin = text.encode("ascii", "ignore").translate(None, _NO_LATIN)
        return len(latin) >= _LATIN_LETTERS and _LATIN_RUN.search(text) is not None


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MARKS = {
    "ru": _Marks(tuple("ўқғҳӣӯҷЎҚҒҲӢӮҶ"), _list("ва дар аз билан учун барои")),
    "tg": _Marks(tuple("ыщцьўЫЩЦЬЎ"), _list("и в что из для это как при билан учун")),
    "uz-Cyrl": _Marks(tuple("ыщӣӯҷЫЩӢӮҶ"), _list("и в на не что из для это как при дар аз барои бо")),
    "uz-Latn": _Marks((), _list("the and of with for that from was are has have this by their is in it not will"), is_latin=True),
    "en": _Marks(("lari", "moqda"), _list("va bilan uchun bu bir ham deb edi emas uning"), True, _UZBEK_LETTER),
}


@dataclass(frozen=True, slots=True)
class Passage:
    """`text[start:end]`, in code points, is in this language (uz, tg, ru, en or und) and script (Latn, Cyrl or "")."""

    start: int
    end: int
    language: str
    script: str


def find_languages(text: str, detection: Detection, detector: "Detector | None" = None) -> list[Passage]:
    """The passages of a text, in order and without gaps; one alone, in the language detected, where nothing is mixed in.

    `detection` is what was found for the whole document. Takes time linear in the length of the text.
    """
    # Imported here: numpy takes a tenth of a second, and `xabar --help` imports this module.
    from models.language.weigh import LABELS, weigh

    whole = [Passage(0, len(text), detection.language, detection.script)]
    marks = _MARKS.get(_name_label(detection))
    if marks and not marks.are_in(text):
        return whole
    pieces = list(_iter_pieces(text))
    if len(pieces) < 2:
        return whole
    detector = detector or load_detector()
    weights = weigh([text[start:end] for start, end, _ in pieces], detector.scorers, detector.temperatures)
    main = LABELS.index(_name_label(detection))
    # No detour can be worth its price: the usual case, and a quick one.
    if float((weights.max(axis=1) - weights[:, main]).sum()) <= LINE_PRICE:
        return whole
    path = find_path(weights.tolist(), [price for _, _, price in pieces], main)
    passages = list(_iter_passages(pieces, [LABELS[at] for at in path], detection))
    return passages if len(passages) > 1 else whole


def find_path(weights: Sequence[Sequence[float]], prices: Sequence[float], first: int) -> list[int]:
    """The sequence of columns with the greatest sum of weights less the price of every change, the first piece's included."""
    totals = [0.0 if at == first else float("-inf") for at in range(len(weights[0]))]
    came_from: list[list[int]] = []
    for row, price in zip(weights, prices, strict=True):
        best = max(range(len(totals)), key=totals.__getitem__)
        change = totals[best] - price
        came_from.append([at if total >= change else best for at, total in enumerate(totals)])
        totals = [max(total, change) + weight for total, weight in zip(totals, row, strict=True)]
    path = [max(range(len(totals)), key=totals.__getitem__)]
    for origins in reversed(came_from[1:]):
        path.append(origins[path[-1]])
    return path[::-1]


def _iter_pieces(text: str) -> Iterator[tuple[int, int, float]]:
    """(start, end, price of a change before it), without gaps."""
    start, price, done = 0, LINE_PRICE, 0
    for sign in _SIGN.finditer(text):
        at = sign.start()
        if at < done or not (found := _LINE.match(text, at) if text[at] == "\n" else _BEHIND_STOP.match(text, at + 1)):
            continue
        done = found.end()
        if found.end() < len(text) and text[start : found.start()].strip():
            yield start, found.end(), price
            start, price = found.end(), LINE_PRICE if "\n" in found[0] else SENTENCE_PRICE
    yield start, len(text), price


def _iter_passages(pieces: Sequence[tuple[int, int, float]], labels: Sequence[str], detection: Detection) -> Iterator[Passage]:
    start = pieces[0][0]
    for at, (_, end, _) in enumerate(pieces):
        if at + 1 == len(pieces) or labels[at + 1] != labels[at]:
            yield Passage(start, end, *_read_label(labels[at], detection))
            start = end


def _read_label(label: str, detection: Detection) -> tuple[str, str]:
    if label != _UNDECIDED:
        return LANGUAGES[label], "Latn" if label in ("uz-Latn", "en") else "Cyrl"
    return _UNDECIDED, detection.script if detection.language == _UNDECIDED else ""


def _name_label(detection: Detection) -> str:
    name = f"uz-{detection.script}" if detection.language == "uz" else detection.language
    return name if name in LANGUAGES else _UNDECIDED
