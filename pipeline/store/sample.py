"""Which undecided documents to read so that one also learns what is missed: the top, the doubtful, and some drawn at random.

The random ones are drawn with known probabilities from the items that nobody is asked to look at, so that the decisions on them
estimate how many relevant items the line misses (Horvitz and Thompson, 1952).
"""

import random
from dataclasses import dataclass

from models.metric import find_share_interval
from pipeline.store.chain import append_audit
from pipeline.store.connection import Connection, now
from pipeline.store.seal import audited

TOP, DOUBTFUL, RANDOM = "top", "uncertain", "random"
SHARES = {TOP: 0.4, DOUBTFUL: 0.3, RANDOM: 0.3}
DECIDED = ("relevant", "not-relevant")
BELOW = "flagged = 0"  # what the estimate is about: items below the line


@dataclass(frozen=True, slots=True)
class Drawn:
    """One item of a sample: why it is in it, and, of a random one, how likely it was to be drawn."""

    document_id: str
    why: str
    probability: float


@dataclass(frozen=True, slots=True)
class Missed:
    """How many relevant items below the line nobody has found: `estimate` of the `unread`, with its 95 % interval.

    It rests on `decided` random ones, of which `relevant` were. Where the doubtful ones were read first it errs on the high side.
    """

    unread: int
    decided: int
    relevant: int
    estimate: float
    low: float
    high: float


class Sample:
    """The table samples."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def draw(self, size: int, seed: int) -> list[Drawn]:
        """Undecided documents, mixed; why each is among them is recorded. Fewer where there are fewer."""
        chance = random.Random(seed)  # noqa: S311  # a sample, no secret
        below = self._undecided(BELOW, "number", -1)
        wanted = min(round(SHARES[RANDOM] * size), len(below))
        picked = [Drawn(one, RANDOM, wanted / len(below)) for one in chance.sample(below, wanted)]
        for why, where, order in ((DOUBTFUL, "1", "doubt DESC"), (TOP, "flagged = 1", "score DESC")):
            taken = {one.document_id for one in picked}
            others = [one for one in self._undecided(where, order, size + len(taken)) if one not in taken]
            share = size - len(picked) if why == TOP else round(SHARES[why] * size)
            picked += [Drawn(one, why, 1.0) for one in others[:share]]
        chance.shuffle(picked)
        self._record(picked, seed)
        return picked

    def missed(self) -> Missed | None:
        """The estimate from the decided random items; None before the first."""
        rows = self._connection.all(
            "SELECT s.probability, q.verdict FROM samples AS s JOIN queue AS q USING (document_id)"
            f" WHERE s.why = ? AND q.verdict IN (?, ?) AND q.{BELOW} GROUP BY s.document_id",
            RANDOM,
            *DECIDED,
        )
        if not rows:
            return None
        weights = [1 / row["probability"] for row in rows]
        hits = [weight for weight, row in zip(weights, rows, strict=True) if row["verdict"] == "relevant"]
        share = sum(hits) / sum(weights)
        # Kish: unequal weights are worth fewer equal ones; the interval is Wilson's for that many.
        worth = round(sum(weights) ** 2 / sum(weight * weight for weight in weights))
        low, high = find_share_interval(round(share * worth), worth)
        unread = int(self._connection.one(f"SELECT count(*) FROM queue WHERE {BELOW} AND verdict = 'none'")[0])
        return Missed(unread, len(rows), len(hits), share * unread, low * unread, high * unread)

    def _undecided(self, where: str, order: str, limit: int) -> list[str]:
        rows = self._connection.all(
            f"SELECT document_id FROM queue WHERE verdict = 'none' AND {where} ORDER BY {order}, number LIMIT ?", limit
        )
        return [row[0] for row in rows]

    def _record(self, picked: list[Drawn], seed: int) -> None:
        at = now()
        with audited(self._connection) as db:
            db.executemany(
                "INSERT INTO samples(document_id, why, probability, drawn_at) VALUES (?, ?, ?, ?)",
                [(one.document_id, one.why, one.probability, at) for one in picked],
            )
            append_audit(db, "sampler", "sample", f'{{"seed": {seed}, "drawn": {len(picked)}}}')
