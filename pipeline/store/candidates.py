"""Votes on names that the archive proposes for the gazetteer: appended, never overwritten; two people accept, one refuses."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.records import Stop
from pipeline.store.connection import Connection, now
from pipeline.store.seal import append_row

VERDICTS = ("accept", "refuse")
ACCEPTED_BY = 2  # different people


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person said of one proposed name. `name` is folded, `written` as it stood in the texts.

    `kind` is the kind of entity that it names, `entity_id` the known one whose spelling it is, or empty;
    `evidence` is JSON: documents, sources and languages that it stood in.
    """

    id: int
    name: str
    written: str
    reviewer: str
    verdict: str
    kind: str
    entity_id: str
    evidence: str
    note: str
    voted_at: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a name stands by the newest vote of each person: new, waiting (for a second one), accepted or refused."""

    state: str
    votes: tuple[Vote, ...] = ()

    @property
    def accepting(self) -> tuple[Vote, ...]:
        """The standing votes that accept, oldest first."""
        return tuple(vote for vote in self.votes if vote.verdict == "accept")


NEW = Standing("new")


class Candidates:
    """The table candidate_votes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def vote(self, vote: Vote) -> int:
        """Append a vote; its id and time are given here. Raises Stop for an unknown verdict or a missing reviewer.

        Two people who accept must mean the same: a vote that names another kind or entity than the first is refused.
        """
        if vote.verdict not in VERDICTS:
            raise Stop(f"verdict {vote.verdict!r} is unknown (known: {', '.join(VERDICTS)})")
        if not vote.reviewer.strip():
            raise Stop("a vote needs the reviewer's name: --reviewer NAME")
        others = [other for other in self.standing(vote.name).accepting if _who(other) != _who(vote)]
        for other in others if vote.verdict == "accept" else ():
            if (other.kind, other.entity_id) != (vote.kind, vote.entity_id):
                said = f"as a spelling of {other.entity_id}" if other.entity_id else f"as {other.kind}"
                raise Stop(
                    f"{other.reviewer} accepted '{other.written}' {said}; say the same, or refuse it and talk to each other"
                )
        row = (vote.name, vote.written, vote.reviewer.strip(), vote.verdict, vote.kind, vote.entity_id, vote.evidence, vote.note)
        return append_row(self._connection, vote.reviewer.strip(), "candidate_votes", (*row, now()))

    def standing(self, name: str) -> Standing:
        """Where one folded name stands."""
        return self.all().get(name, NEW)

    def all(self) -> dict[str, Standing]:
        """Every name that was voted on."""
        votes: dict[str, dict[str, Vote]] = {}
        for row in self._connection.all("SELECT * FROM candidate_votes ORDER BY id"):
            vote = Vote(**dict(row))
            newest = votes.setdefault(vote.name, {})
            newest.pop(_who(vote), None)
            newest[_who(vote)] = vote
        return {name: Standing(_state(newest.values()), tuple(newest.values())) for name, newest in votes.items()}


def _who(vote: Vote) -> str:
    """One person, however they write their name."""
    return vote.reviewer.strip().casefold()


def _state(votes: Iterable[Vote]) -> str:
    verdicts = [vote.verdict for vote in votes]
    if "refuse" in verdicts:
        return "refused"
    return "accepted" if len(verdicts) >= ACCEPTED_BY else "waiting"
