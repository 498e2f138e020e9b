"""What is remembered of each site's lines, so that what it prints under every article can be told from the article."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.store.connection import Connection


@dataclass(frozen=True, slots=True)
class SiteLines:
    """The lines of a site's newest articles, as (hash of the address, hashes of its lines), and those learned as boilerplate."""

    recent: tuple[tuple[int, frozenset[int]], ...] = ()
    learned: Mapping[int, str] = field(default_factory=dict)


class MemoryLines:
    """Remembers for one process."""

    def __init__(self) -> None:
        self._sites: dict[str, SiteLines] = {}

    def recall(self, source: str) -> SiteLines:
        """What is known of a source."""
        return self._sites.get(source, SiteLines())

    def remember(self, source: str, lines: SiteLines) -> None:
        """Keep it."""
        self._sites[source] = lines


class Lines(MemoryLines):
    """The table site_lines. What a batch taught reaches the disk together with its documents, or never."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._changed: set[str] = set()

    def recall(self, source: str) -> SiteLines:
        """What is known of a source."""
        if source not in self._sites:
            row = self._connection.one("SELECT recent, learned FROM site_lines WHERE source = ?", source)
            self._sites[source] = _read(row) if row else SiteLines()
        return self._sites[source]

    def remember(self, source: str, lines: SiteLines) -> None:
        """Keep it; `write` saves it."""
        super().remember(source, lines)
        self._changed.add(source)

    def write(self, db: sqlite3.Connection) -> None:
        """Save what changed, in the caller's transaction."""
        for source in sorted(self._changed):
            lines = self._sites[source]
            recent = json.dumps([[url, sorted(hashes)] for url, hashes in lines.recent])
            learned = json.dumps({str(key): text for key, text in lines.learned.items()}, ensure_ascii=False)
            db.execute("INSERT OR REPLACE INTO site_lines VALUES (?, ?, ?)", (source, recent, learned))

    def settle(self) -> None:
        """The batch is on disk, or was given up: what is known is read anew, because another command may have learned too."""
        self._changed.clear()
        self._sites.clear()


def _read(row: sqlite3.Row) -> SiteLines:
    recent = tuple((url, frozenset(hashes)) for url, hashes in json.loads(row["recent"]))
    return SiteLines(recent, {int(key): text for key, text in json.loads(row["learned"]).items()})
