"""What the wording of one text says: a number for the verdict, a line for the reader, the sentence that carried it."""

from dataclasses import dataclass

import numpy as np

from models.relevance.basis import PREFIX, Basis
from models.relevance.weights import Head
from models.relevance.wording import TITLE, Worded

QUOTED_CHARACTERS = 80
_LEAST = 0.2  # log-odds that are worth a line


@dataclass(frozen=True, slots=True)
class Said:
    """`log_odds` of relevance by the wording alone; `features` for the other heads; `strongest` is a span, None for the title."""

    log_odds: float
    features: dict[str, float]
    strongest: tuple[int, int] | None
    share: float

    def explain(self, text: str) -> tuple[float, str] | None:
        """(what it adds to the verdict's log-odds, the line that says so); None where it adds next to nothing."""
        adds = self.share * self.log_odds
        if abs(adds) < _LEAST:
            return None
        if adds < 0:
            return adds, f"lowered: the wording of the text, {adds:+.1f}"
        return adds, f"the wording of the text, {adds:+.1f}, most of all {self._quote(text)}"

    def _quote(self, text: str) -> str:
        if self.strongest is None:
            return "the title"
        sentence = " ".join(text[slice(*self.strongest)].split())
        return f"'{sentence[:QUOTED_CHARACTERS].rstrip()}{'…' if len(sentence) > QUOTED_CHARACTERS else ''}'"


def hear(worded: Worded, head: Head, basis: Basis, share: float) -> Said:
    """What `head` says of the wording; `share` is what the wording weighs beside the evidence."""
    located = basis.locate(worded)
    weights = np.array([head.weights.get(f"{PREFIX}{number}", 0.0) for number in range(len(located.text))])
    log_odds, best = located.weigh(weights, head.bias)
    span = None if best is None or worded.spans[best] == TITLE else worded.spans[best]
    return Said(log_odds, basis.describe(located.text), span, share)
