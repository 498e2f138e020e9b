"""How fast somebody may guess: after a few wrong passwords the wait doubles, per name and per address."""

import threading
import time
from collections.abc import Callable

FREE_TRIES = {"name": 5, "address": 20}
LONGEST_SECONDS = 900.0
FORGET_SECONDS = 3600.0
MOST_KEYS = 10_000


class Throttle:
    """Failures of this process, kept in memory. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[tuple[str, str], tuple[int, float]] = {}

    def wait(self, name: str, address: str) -> float:
        """Seconds until the next try may be made; 0 for now."""
        with self._lock:
            return max(self._wait_for("name", name), self._wait_for("address", address))

    def fail(self, name: str, address: str) -> None:
        """Remember a wrong password."""
        with self._lock:
            at = self._clock()
            if len(self._failures) >= MOST_KEYS:
                self._failures = {key: kept for key, kept in self._failures.items() if at - kept[1] < FORGET_SECONDS}
            for key in (("name", name), ("address", address)):
                count, last = self._failures.get(key, (0, at))
                self._failures[key] = (1 if at - last > FORGET_SECONDS else count + 1, at)

    def succeed(self, name: str) -> None:
        """Forget the failures of a name that has signed in; those of the address stay."""
        with self._lock:
            self._failures.pop(("name", name), None)

    def _wait_for(self, kind: str, value: str) -> float:
        count, last = self._failures.get((kind, value), (0, 0.0))
        if count < FREE_TRIES[kind]:
            return 0.0
        pause = min(2.0 ** min(count - FREE_TRIES[kind] + 2, 20), LONGEST_SECONDS)
        return max(0.0, last + pause - self._clock())
