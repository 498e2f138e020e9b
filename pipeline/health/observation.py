"""What one visit to a source showed, what was expected of it, and what is concluded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How a source does; the order is that of urgency, least first."""

    OK = "ok"
    QUIET = "quiet"
    PAUSED = "paused"
    DEGRADED = "degraded"
    BROKEN = "broken"
    BLOCKED = "blocked"

    @property
    def alarms(self) -> bool:
        """Whether an operator has to look."""
        return self in (State.DEGRADED, State.BROKEN, State.BLOCKED)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the source's file says: hours between visits, articles a week (None: not said), country, why it is paused."""

    interval_hours: int
    per_week: int | None = None
    country: str = "XX"
    paused: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One visit. `read`: a way in could be read. Texts that were too short, or no articles, have length 0 in `lengths`.

    `languages` counts texts, `other` stands for what we do not read; `repeats` are texts that the source gave before.
    """

    at: datetime
    read: bool = True
    fetched: int = 0
    unchanged: int = 0
    failed: int = 0
    error: str = ""
    languages: Mapping[str, int] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()
    repeats: int = 0
    dated: int = 0
    titled: int = 0
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """The state of a source after a visit, the reason in words, and since when it has been so."""

    state: State
    reason: str
    since: datetime
