"""The time that one page may take: what is hostile or huge must not hold up the pages behind it."""

import time

PAGE_SECONDS = 0.8  # what is under way when it is used up may take a little longer


class TooSlow(Exception):
    """A page has used up its time."""


class Budget:
    """Processor time of this thread, so that a busy machine changes no answer."""

    def __init__(self, seconds: float = PAGE_SECONDS) -> None:
        self._until = time.thread_time() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left, negative when there are none."""
        return self._until - time.thread_time()

    def check(self, step: str) -> None:
        """Go on, or raise TooSlow naming the step that has just ended."""
        if self.left < 0:
            raise TooSlow(f"more than {PAGE_SECONDS} s of processor time, given up after {step}")
