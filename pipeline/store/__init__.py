"""The one room that speaks SQL: pages, documents, decisions and the ledger of runs, in one SQLite file."""

from pathlib import Path

from pipeline.store.accounts import Accounts
from pipeline.store.candidates import Candidates
from pipeline.store.clusters import Clusters
from pipeline.store.connection import Connection
from pipeline.store.corrections import Corrections
from pipeline.store.dashboard import Dashboard
from pipeline.store.desk import Desk
from pipeline.store.documents import Documents
from pipeline.store.gate import Gate
from pipeline.store.ledger import Ledger
from pipeline.store.lines import Lines
from pipeline.store.models import Models
from pipeline.store.notebook import Notebook
from pipeline.store.opinions import Opinions
from pipeline.store.pages import Pages
from pipeline.store.queue import Queue
from pipeline.store.removal import Removals
from pipeline.store.requests import Requests
from pipeline.store.sample import Sample
from pipeline.store.stories import Stories
from pipeline.store.tellings import Tellings
from pipeline.store.visits import Visits

__all__ = ["Store"]


class Store:
    """One open database and its parts. Use as a context manager; every public method of a part is one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.path = connection.path
        self.removals = Removals(connection)
        self.pages = Pages(connection, self.removals)
        self.clusters = Clusters(connection)
        self.lines = Lines(connection)
        self.tellings = Tellings(connection)
        self.documents = Documents(connection, self.clusters, self.lines, self.tellings)
        self.candidates = Candidates(connection)
        self.queue = Queue(connection)
        self.desk = Desk(connection)
        self.dashboard = Dashboard(connection)
        self.notebook = Notebook(connection)
        self.opinions = Opinions(connection)
        self.requests = Requests(connection)
        self.corrections = Corrections(connection)
        self.models = Models(connection)
        self.sample = Sample(connection)
        self.gate = Gate(connection)
        self.accounts = Accounts(connection)
        self.ledger = Ledger(connection)
        self.visits = Visits(connection)
        self.stories = Stories(connection)
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> "Store":
        """Open and migrate the database. Raises Stop when it is missing, locked or no database of ours."""
        return cls(Connection.open(path, create=create))

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was acknowledged is already on disk."""
        self._connection.close()

    @property
    def evidence_folder(self) -> Path:
        """The folder of WARC files beside the database; `pages.warc_file` is relative to it."""
        return self.path.with_name(self.path.stem + "-warc")
