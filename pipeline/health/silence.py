"""How long nothing has come, and how long that usually is."""

from collections import deque
from datetime import datetime

from pipeline.health.rhythm import Rhythm

GAPS_KEPT = 120
VAIN_GAPS_KEPT = 400
PRIOR_GAPS = 5
STEADY_GAP = 3.0  # expected articles: the gap of a steady source is longer in one case of twenty


class Silence:
    """Of a source, or of one of its languages: `expected` articles that did not come, `visits` that brought nothing."""

    def __init__(self, since: datetime, interval_hours: float, per_hour: float) -> None:
        self.expected, self.visits, self.since = 0.0, 0, since
        self._prior_hours = max(interval_hours, STEADY_GAP / max(1e-6, per_hour))
        self._hours: deque[float] = deque(maxlen=GAPS_KEPT)
        self._expected: deque[float] = deque(maxlen=VAIN_GAPS_KEPT)

    def go_on(self, expected: float) -> None:
        """Another visit brought nothing."""
        self.expected += expected
        self.visits += 1

    def end(self, at: datetime, rhythm: Rhythm, *, usual: bool) -> None:
        """Something came. A gap that alarmed, or that nobody watched, says nothing of what is usual."""
        if usual:
            self._hours.append(rhythm.active_hours(self.since, at))
            self._expected.append(self.expected)
        self.expected, self.visits, self.since = 0.0, 0, at

    def usual_hours(self) -> float:
        """Active hours between two visits that brought something, longer in one case of twenty."""
        return _usual(self._hours, self._prior_hours)

    def longest_usual(self) -> float:
        """Articles expected in vain between two such visits, more in one case of a hundred."""
        return _usual(self._expected, STEADY_GAP, 0.99)


def _usual(gaps: "deque[float]", prior: float, share: float = 0.95) -> float:
    if not gaps:
        return prior
    weight = len(gaps) / (len(gaps) + PRIOR_GAPS)
    return weight * sorted(gaps)[int(share * (len(gaps) - 1))] + (1 - weight) * prior
