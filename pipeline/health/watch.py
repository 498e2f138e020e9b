"""One source under watch: visit after visit it learns what is usual, and says when something is not."""

from collections import deque
from datetime import datetime, timedelta
from math import ceil, exp, log

from pipeline.health.habit import Habit
from pipeline.health.observation import Expectation, Judgement, Observation, State
from pipeline.health.rhythm import Rhythm
from pipeline.health.silence import Silence

GAPS_ALLOWED = 1.1  # times the gap that is longer in one case of twenty
SILENCES_A_YEAR = 4.0  # so often a year may chance alone look like a silence
LEAST_LANGUAGE = 12.0  # texts that should have been in a language before it is missing
LEAST_OF_USUAL = 1.2
FAULT = 1.5
LEARNING_DAYS = 10.0  # in the first weeks a silence has to be longer
CHANCE_A_YEAR = 0.1  # a strange row of texts that chance would give so often a year is no chance
MOST_SHARE = 0.98  # with more, the language is the source
LEAST_SHARE = 0.15  # a language with less of a source's texts is not watched by itself
RARE_SHARE = 0.05
SHORT_FACTOR = 0.5  # of the median length
SHORT_SHARE = 0.01  # of its own texts are shorter than what counts as short
LENGTHS_KEPT = 300
FAILURE_PRIOR = (0.6, 20.0)
ONCE_A_YEARS = 10.0  # a row of failures that chance would give once in so many years is no chance
MAX_GAP_INTERVALS = 3
MAX_GAP_HOURS = 48
# A site that is away, for once: it has a third chance, an hour after the second. One that answers otherwise has changed.
AWAY = ("HTTP 5", "timed out", "connection", "host name not found")
BLOCKING = ("HTTP 401", "HTTP 403", "HTTP 429", "HTTP 451", "robots.txt forbids")
CONTENT = {
    "short": "only short texts",
    "language": "texts in another language than usual",
    "repeated": "one text again and again",
    "undated": "texts without a date",
    "untitled": "texts without a title",
    "failing": "articles cannot be fetched",
}


class Watch:
    """`see` each visit in its order; what it gives back is the state after that visit."""

    def __init__(self, expected: Expectation) -> None:
        self._expected = expected
        self._rhythm = Rhythm(expected.per_week, expected.country)
        self._habits = {name: Habit() for name in CONTENT}
        self._languages: dict[str, float] = {}
        self._silent: dict[str, Silence] = {}
        self._lengths: deque[int] = deque(maxlen=LENGTHS_KEPT)
        self._fails, self._visits, self._row = *FAILURE_PRIOR, 0
        self._first_error = ""
        self._ever, self._reads = False, 0
        self._read_at: datetime | None = None
        self._last: Judgement | None = None
        self._began: datetime | None = None

    def see(self, seen: Observation) -> Judgement:
        """Learn from a visit and judge."""
        self._began = self._began or seen.at
        troubles = [self._see_failure(seen), self._see_beginning(seen), *self._see_contents(seen)]
        if seen.read:
            troubles += self._see_volume(seen)
        found = [trouble for trouble in troubles if trouble]
        if self._expected.paused:
            found = [(State.PAUSED, self._expected.paused)]
        state, reason = max(found, key=lambda trouble: list(State).index(trouble[0])) if found else (State.OK, self._usual())
        since = self._last.since if self._last and self._last.state is state else seen.at
        self._last = Judgement(state, reason, since)
        return self._last

    @property
    def last(self) -> Judgement | None:
        """The state after the last visit; None before the first."""
        return self._last

    def accept(self) -> None:
        """An operator has looked: what the texts are like now is the new habit."""
        for name in self._habits:
            self._habits[name] = Habit()
        self._lengths.clear()
        self._languages.clear()
        self._silent = {name: silence for name, silence in self._silent.items() if not name}

    def usual_per_week(self) -> float:
        """Articles in an ordinary week."""
        return self._rhythm.per_week()

    def languages(self) -> dict[str, float]:
        """The share of each language in what the source gives."""
        total = sum(self._languages.values()) or 1.0
        return {name: count / total for name, count in sorted(self._languages.items())}

    def _usual(self) -> str:
        return f"about {self._rhythm.per_week():.3g} articles a week"

    # -- cannot be reached ---------------------------------------------------------------------------------------------------

    def _see_failure(self, seen: Observation) -> "tuple[State, str] | None":
        self._visits += 1
        if seen.read:
            self._row, self._first_error = 0, ""
            return None
        self._row += 1
        self._first_error = seen.error or self._first_error
        if self._row < self._failures_needed(seen.error):
            self._fails += 1
            return None
        state = State.BLOCKED if any(word in seen.error for word in BLOCKING) else State.BROKEN
        return state, f"no way in could be read {self._row} times in a row: {seen.error or 'no reason given'}"

    def _see_beginning(self, seen: Observation) -> "tuple[State, str] | None":
        """A source that has announced articles from its first visit on, and of which none ever came, has no habit to leave."""
        self._ever = self._ever or seen.fetched + seen.unchanged > 0
        self._reads += seen.read
        if self._ever or self._reads < 2:
            return None
        state = State.BLOCKED if any(word in seen.error for word in BLOCKING) else State.BROKEN
        return state, "no article has ever come" + (f": {seen.error}" if seen.error else "")

    def _failures_needed(self, error: str) -> int:
        share = self._fails / self._visits
        a_year = 365.25 * 24 / self._expected.interval_hours
        needed = ceil(log(ONCE_A_YEARS * a_year) / -log(min(0.5, share)))
        most = 2 if self._expected.interval_hours >= 6 else 12 // self._expected.interval_hours
        return max(3 if any(word in error for word in AWAY) else 2, min(needed, most))

    # -- gives too little ----------------------------------------------------------------------------------------------------

    def _see_volume(self, seen: Observation) -> "list[tuple[State, str] | None]":
        before, self._read_at = self._read_at, seen.at
        if before is None:
            self._add_silence("", seen.at, 1.0)
            return []
        watched = seen.at - before <= self._longest_gap()
        expected = self._rhythm.expect(before, seen.at)
        troubles = [self._see_silence(expected, seen, watched)]
        troubles += [self._see_language(name, seen) for name in self._silent if name]
        if watched and not (troubles[0] and troubles[0][0].alarms):
            self._rhythm.learn(before, seen.at, seen.fetched)
        return troubles

    def _see_silence(self, expected: float, seen: Observation, watched: bool) -> "tuple[State, str] | None":
        silence = self._silent[""]
        least = max(self._least_silence(), LEAST_OF_USUAL * silence.longest_usual())
        if seen.fetched:
            # A gap that was too long by far was a fault, and no habit.
            silence.end(seen.at, self._rhythm, usual=watched and silence.expected <= FAULT * least)
            return None
        silence.go_on(expected)
        care, hours = self._care(seen.at), self._rhythm.active_hours(silence.since, seen.at)
        what = f"nothing new since {silence.since:%Y-%m-%d %H:%M}"
        if silence.visits >= 2 and silence.expected > least * care and hours > GAPS_ALLOWED * silence.usual_hours() * care:
            return State.BROKEN, f"{what}, where about {silence.expected:.0f} articles are usual"
        return (State.QUIET, what) if hours > silence.usual_hours() else None

    def _least_silence(self) -> float:
        """Expected articles that must have failed to come: the more chances a year has for a gap, the more."""
        chances = min(8766 / self._expected.interval_hours, 52 * self._rhythm.per_week())
        return max(2.0, log(chances / SILENCES_A_YEAR)) if chances > 0 else 2.0

    def _see_language(self, name: str, seen: Observation) -> "tuple[State, str] | None":
        """A language is missing when the others go on: so it is measured in what came, not in time."""
        silence, texts = self._silent[name], sum(seen.languages.values())
        if seen.languages.get(name, 0):
            silence.end(seen.at, self._rhythm, usual=True)
            return None
        if texts:
            silence.go_on(texts * self.languages().get(name, 0.0))
        if silence.expected <= max(LEAST_LANGUAGE, LEAST_OF_USUAL * silence.longest_usual()):
            return None
        return State.DEGRADED, f"nothing in {name} since {silence.since:%Y-%m-%d %H:%M}; the other languages go on"

    def _add_silence(self, name: str, at: datetime, share: float) -> None:
        per_hour = share * self._rhythm.per_week() / 168
        self._silent[name] = Silence(at, self._expected.interval_hours, per_hour)

    def _care(self, at: datetime) -> float:
        """How much longer a silence must be while the source is new to us."""
        known = at - (self._began or at)
        return 1.0 + 3.0 * exp(-known.total_seconds() / 86400 / LEARNING_DAYS)

    def _longest_gap(self) -> timedelta:
        return timedelta(hours=max(MAX_GAP_HOURS, MAX_GAP_INTERVALS * self._expected.interval_hours))

    # -- gives something else ------------------------------------------------------------------------------------------------

    def _see_contents(self, seen: Observation) -> "list[tuple[State, str] | None]":
        short = self._short()
        counts = {
            "short": (sum(length < short for length in seen.lengths), len(seen.lengths)),
            "language": (sum(n for name, n in seen.languages.items() if self._is_rare(name)), sum(seen.languages.values())),
            "repeated": (seen.repeats, seen.documents),
            "undated": (seen.documents - seen.dated, seen.documents),
            "untitled": (seen.documents - seen.titled, seen.documents),
            "failing": (seen.failed, seen.failed + seen.fetched),
        }
        sure = log(CHANCE_A_YEAR / (52 * max(1.0, self._rhythm.per_week())))
        strange = [name for name, (bad, total) in counts.items() if self._habits[name].see(bad, total, sure)]
        if all(self._habits[name].calm for name in ("short", "language")):
            self._learn_texts(seen)
        blocked = "failing" in strange and any(word in seen.error for word in BLOCKING)
        words = [CONTENT[name] + (f" ({seen.error})" if name == "failing" and seen.error else "") for name in strange]
        return [(State.BLOCKED if blocked else State.DEGRADED, "; ".join(words))] if words else []

    def _short(self) -> float:
        if not self._lengths:
            return 0.0
        lengths = sorted(self._lengths)
        return min(SHORT_FACTOR * lengths[len(lengths) // 2], lengths[int(SHORT_SHARE * len(lengths))])

    def _is_rare(self, name: str) -> bool:
        total = sum(self._languages.values())
        return total > 0 and self._languages.get(name, 0.0) < RARE_SHARE * total

    def _learn_texts(self, seen: Observation) -> None:
        self._lengths.extend(length for length in seen.lengths if length)
        for name, count in seen.languages.items():
            self._languages[name] = self._languages.get(name, 0.0) + count
        total = sum(self._languages.values())
        if total > LENGTHS_KEPT:
            self._languages = {name: count * LENGTHS_KEPT / total for name, count in self._languages.items()}
        for name, known in self._languages.items():
            if total >= LENGTHS_KEPT / 3 and LEAST_SHARE * total <= known < MOST_SHARE * total and name not in self._silent:
                self._add_silence(name, seen.at, known / total)
