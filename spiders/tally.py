"""What a crawl brought from each source, and why the rest did not come, in words that an operator understands."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source's crawl: index pages read, articles fetched and unchanged, requests failed, addresses refused, the reasons."""

    source: str
    fetched: int
    unchanged: int
    failed: int
    refused: int
    reasons: dict[str, int]
    finished: bool
    read: int = 0


@dataclass(frozen=True, slots=True)
class Rest:
    """A host that does not want to be asked for so many seconds, or to which nothing connects."""

    host: str
    seconds: float
    reason: str


@dataclass(slots=True)
class _Count:
    fetched: int = 0
    unchanged: int = 0
    failed: int = 0
    refused: int = 0
    read: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


class Tally:
    """Counts while a crawl runs: every article request ends in exactly one of fetched, unchanged, failed, refused."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._counts = {source: _Count() for source in sources}
        self._off_site: dict[str, set[str]] = {}
        self._under_way: Counter[str] = Counter()
        self._hosts: dict[str, Rest | None] = {}
        self.end_reason = ""
        self.error: Exception | None = None

    @property
    def finished(self) -> bool:
        """Whether the crawl came to its own end."""
        return self.end_reason == "finished"

    def ask(self, source: str) -> None:
        """A request was made; `answer` follows, whatever becomes of it."""
        self._under_way[source] += 1

    def answer(self, source: str) -> None:
        """A request has ended, one way or another."""
        self._under_way[source] -= 1

    def rest(self, host: str, seconds: float, reason: str) -> None:
        """A host that is to be left alone for so long."""
        self._hosts[host] = Rest(host, seconds, reason)

    def greet(self, host: str) -> None:
        """A host answered as it should."""
        self._hosts.setdefault(host, None)

    def hosts(self) -> tuple[list["Rest"], list[str]]:
        """Hosts to be left alone, and hosts that answered."""
        return [rest for rest in self._hosts.values() if rest], [host for host, rest in self._hosts.items() if rest is None]

    def read(self, source: str) -> None:
        """An index page was read, or is as it was."""
        self._counts[source].read += 1

    def fetch(self, source: str) -> None:
        """An article came and was handed on."""
        self._counts[source].fetched += 1

    def keep(self, source: str) -> None:
        """An article is as it was at the last crawl."""
        self._counts[source].unchanged += 1

    def fail(self, source: str, reason: str) -> None:
        """A request did not bring what it should."""
        self._counts[source].failed += 1
        self._counts[source].reasons[reason] += 1

    def refuse(self, source: str, reason: str) -> None:
        """An address that we do not ask, by our own rules or the site's."""
        self._counts[source].refused += 1
        self._counts[source].reasons[reason] += 1

    def refuse_link(self, source: str, host: str) -> None:
        """A link off the source's own hosts: each host is counted once."""
        if host not in self._off_site.setdefault(source, set()):
            self._off_site[source].add(host)
            self.refuse(source, "links to other sites, not followed")

    def note(self, source: str, reason: str) -> None:
        """Something that an operator should know although nothing failed."""
        self._counts[source].reasons[reason] += 1

    def totals(self) -> tuple[int, int, int]:
        """Articles fetched, articles unchanged, requests failed, over all sources so far."""
        counts = self._counts.values()
        return sum(c.fetched for c in counts), sum(c.unchanged for c in counts), sum(c.failed for c in counts)

    def rows(self) -> list[SourceReport]:
        """One report per source, sorted by its id."""
        return [SourceReport(source, c.fetched, c.unchanged, c.failed, c.refused, dict(c.reasons),
                             self.finished or not self._under_way[source], c.read)
                for source, c in sorted(self._counts.items())]
