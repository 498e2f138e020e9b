"""How often something happens to a source's texts, and whether it suddenly happens to nearly all of them (a CUSUM)."""

from math import log

FORGET = 0.997  # per text: about 230 texts are remembered
ENOUGH = 6.0  # texts before anything is a habit
LEAST_TEXTS = 2
BEYOND = -5.0      # how much further than sure the evidence may go
NEARLY_ALL = 0.95  # what the share would be if something were wrong


class Habit:
    """A share that is learned text by text; `see` says whether the newest texts have left it."""

    def __init__(self) -> None:
        self._bad, self._all = 0.0, 0.0
        self._evidence, self._sure = 0.0, 0.0
        self._strange = False
        self._unsure = (0, 0)  # texts that are learned once they are explained

    @property
    def calm(self) -> bool:
        """Whether nothing speaks for a change just now."""
        return self._evidence == 0.0

    def see(self, bad: int, total: int, sure: float) -> bool:
        """Whether the newest texts cannot be chance: the log of the odds against it is below `sure`.

        They are learned only when they can.
        """
        self._sure = sure
        if total == 0:
            return self._alarmed()
        share = (self._bad + 0.5) / (self._all + 1.0)
        if self._all >= ENOUGH:
            odds = bad * log(share / NEARLY_ALL) + (total - bad) * log((1.0 - share) / (1.0 - NEARLY_ALL))
            # Bounded, so that a source that is well again is so at its next visits.
            self._evidence = min(0.0, max(self._evidence + odds, sure + BEYOND))
        self._unsure = (self._unsure[0] + bad, self._unsure[1] + total)
        if self.calm:
            self._learn(*((bad, total) if self._strange else self._unsure))
            self._unsure = (0, 0)
        self._strange = self._alarmed()
        return self._strange

    def _alarmed(self) -> bool:
        return self._evidence < self._sure and self._unsure[1] >= LEAST_TEXTS

    def _learn(self, bad: int, total: int) -> None:
        keep = FORGET**total
        self._bad, self._all = self._bad * keep + bad, self._all * keep + total
