"""The schema, step by step: each function runs once, inside a transaction, and is never edited afterwards."""

from sqlite_utils import Database, Migrations

from pipeline import dashboard_tables
from pipeline.explore_tables import EXPLORE
from pipeline.review_tables import OPINIONS, QUEUE, QUEUE_INSERT, QUEUE_NARROW, QUEUE_TRIGGERS, REVIEW, fill_queue
from pipeline.story_tables import CLUSTERS, SEGMENTS, SITE_LINES, TRANSLATIONS

migrations = Migrations("xabar")

TABLES = """
CREATE TABLE pages (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, source TEXT NOT NULL, fetched_at TEXT NOT NULL, status INTEGER NOT NULL,
    body_sha256 TEXT NOT NULL, warc_file TEXT NOT NULL, warc_offset INTEGER NOT NULL,
    hint_title TEXT, hint_published TEXT
) STRICT;
CREATE INDEX pages_url ON pages(url);

CREATE TABLE fetches (
    url TEXT PRIMARY KEY, source TEXT NOT NULL, etag TEXT, last_modified TEXT, body_sha256 TEXT,
    links TEXT NOT NULL DEFAULT '[]', next_url TEXT, seen_at TEXT NOT NULL
) STRICT;

CREATE TABLE outcomes (
    page_id TEXT PRIMARY KEY REFERENCES pages(id), outcome TEXT NOT NULL, stage TEXT, reason TEXT, error TEXT, at TEXT NOT NULL
) STRICT;
CREATE INDEX outcomes_outcome ON outcomes(outcome);

CREATE TABLE documents (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, url TEXT NOT NULL, source TEXT NOT NULL, fetched_at TEXT NOT NULL,
    title TEXT NOT NULL, text TEXT NOT NULL, published TEXT, published_source TEXT,
    language TEXT NOT NULL, script TEXT NOT NULL, language_confidence REAL NOT NULL, guess TEXT NOT NULL,
    cluster_id TEXT NOT NULL, score REAL NOT NULL, flagged INTEGER NOT NULL,
    reasons TEXT NOT NULL, evidence TEXT NOT NULL
) STRICT;
CREATE INDEX documents_queue ON documents(flagged, score DESC);
CREATE INDEX documents_url ON documents(url);
CREATE INDEX documents_cluster ON documents(cluster_id);

CREATE VIRTUAL TABLE documents_fts USING fts5(title, text, content='documents', content_rowid='number');
CREATE TRIGGER documents_fts_insert AFTER INSERT ON documents BEGIN
    INSERT INTO documents_fts(rowid, title, text) VALUES (new.number, new.title, new.text);
END;
CREATE TRIGGER documents_fts_delete AFTER DELETE ON documents BEGIN
    INSERT INTO documents_fts(documents_fts, rowid, title, text) VALUES ('delete', old.number, old.title, old.text);
END;

CREATE TABLE mentions (
    document_id TEXT NOT NULL REFERENCES documents(id), start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL,
    label TEXT NOT NULL, entity_id TEXT, found_by TEXT NOT NULL, probability REAL NOT NULL,
    why TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, certain INTEGER NOT NULL
) STRICT;
CREATE INDEX mentions_document ON mentions(document_id, start);
CREATE INDEX mentions_entity ON mentions(entity_id);

CREATE TABLE labels (
    document_id TEXT NOT NULL REFERENCES documents(id), axis TEXT NOT NULL, label TEXT NOT NULL, probability REAL NOT NULL,
    model TEXT NOT NULL, PRIMARY KEY (document_id, axis, label)
) STRICT;

CREATE TABLE sources (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, homepage TEXT NOT NULL, country TEXT NOT NULL, languages TEXT NOT NULL,
    kind TEXT NOT NULL, note TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY, command TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT, summary TEXT
) STRICT;

CREATE VIEW clusters AS
    SELECT cluster_id AS id, count(*) AS documents, count(DISTINCT source) AS sources, min(fetched_at) AS first_seen
    FROM documents GROUP BY cluster_id;
"""

# A decision is appended, never overwritten: an analyst who changes their mind adds another row.
APPEND_ONLY = """
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, document_id TEXT NOT NULL, reviewer TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('relevant', 'not-relevant', 'unsure', 'defer')),
    reason TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', decided_at TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_document ON decisions(document_id, id DESC);
CREATE TRIGGER decisions_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    previous_sha256 TEXT NOT NULL, sha256 TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
"""

# What the models learn from and what became of them: appended, never overwritten, so that every past state can be told.
LEARNING = """
CREATE TABLE corrections (
    id INTEGER PRIMARY KEY, document_id TEXT NOT NULL, reviewer TEXT NOT NULL,
    task TEXT NOT NULL CHECK (task IN ('language', 'entities', 'relevance', 'topics', 'genre')),
    value TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', corrected_at TEXT NOT NULL
) STRICT;
CREATE INDEX corrections_document ON corrections(document_id, task, id DESC);

CREATE TABLE models (
    id TEXT PRIMARY KEY, task TEXT NOT NULL, made_at TEXT NOT NULL, manifest TEXT NOT NULL, artefact TEXT NOT NULL
) STRICT;

CREATE TABLE evaluations (
    id INTEGER PRIMARY KEY, model_id TEXT NOT NULL, against TEXT NOT NULL, evaluated_at TEXT NOT NULL, report TEXT NOT NULL
) STRICT;

CREATE TABLE promotions (
    id INTEGER PRIMARY KEY, task TEXT NOT NULL, model_id TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('promote', 'refuse', 'rollback')),
    reasons TEXT NOT NULL, actor TEXT NOT NULL, promoted_at TEXT NOT NULL
) STRICT;
"""
LEARNING_TABLES = ("corrections", "models", "evaluations", "promotions")

# One row for a document of which more is known than its text: a report's pages, sections and footnotes, a converted calendar.
# Versions of an article are its pages: the same address with other bytes.
DETAILS = """
CREATE TABLE details (
    document_id TEXT PRIMARY KEY REFERENCES documents(id), institution TEXT NOT NULL, calendar TEXT NOT NULL,
    pages TEXT NOT NULL, sections TEXT NOT NULL, citations TEXT NOT NULL
) STRICT;

CREATE VIEW versions AS
    SELECT id AS document_id, url, fetched_at, row_number() OVER article AS version,
        count(*) OVER (PARTITION BY url) AS versions, lag(id) OVER article AS previous_id
    FROM documents WINDOW article AS (PARTITION BY url ORDER BY fetched_at, number);
"""

# What is known of each visit to a source outlives the pages: health is learned from it.
VISITS = """
ALTER TABLE sources ADD COLUMN flags TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN legal TEXT NOT NULL DEFAULT '';

CREATE TABLE visits (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, due_at TEXT NOT NULL, started_at TEXT, ended_at TEXT, why_not TEXT,
    read_index INTEGER NOT NULL DEFAULT 0, fetched INTEGER NOT NULL DEFAULT 0, unchanged INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, reasons TEXT NOT NULL DEFAULT '{}',
    measured TEXT
) STRICT;
CREATE INDEX visits_source ON visits(source, id);
CREATE INDEX visits_open ON visits(ended_at) WHERE ended_at IS NULL AND why_not IS NULL;

CREATE TABLE health (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, since TEXT NOT NULL
) STRICT;
CREATE INDEX health_source ON health(source, id);

CREATE TABLE hosts (
    host TEXT PRIMARY KEY, failures INTEGER NOT NULL, wait_until TEXT NOT NULL, reason TEXT NOT NULL
) STRICT;

CREATE INDEX pages_source ON pages(source, fetched_at);
"""

# What is no longer kept. page_sha256 is of the page's row as it was sealed, text_sha256 of the document's text.
REMOVALS = """
CREATE TABLE tombstones (
    page_id TEXT PRIMARY KEY REFERENCES pages(id), kind TEXT NOT NULL CHECK (kind IN ('retention', 'erasure')), at TEXT NOT NULL,
    page_sha256 TEXT NOT NULL, text_sha256 TEXT NOT NULL
) STRICT;
CREATE TABLE erased_addresses (hash TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT;
CREATE TABLE erasure_salt (salt BLOB NOT NULL) STRICT;
"""

# Names that the archive proposes for the gazetteer: two people accept one, nobody's vote is overwritten.
CANDIDATES = """
CREATE TABLE candidate_votes (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, written TEXT NOT NULL, reviewer TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('accept', 'refuse')), kind TEXT NOT NULL, entity_id TEXT NOT NULL DEFAULT '',
    evidence TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', voted_at TEXT NOT NULL
) STRICT;
CREATE TRIGGER candidate_votes_update BEFORE UPDATE ON candidate_votes BEGIN SELECT RAISE(ABORT, 'votes are append-only'); END;
CREATE TRIGGER candidate_votes_delete BEFORE DELETE ON candidate_votes BEGIN SELECT RAISE(ABORT, 'votes are append-only'); END;
"""

GATE_AND_SAMPLES = """
CREATE TABLE gate_events (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, event TEXT NOT NULL CHECK (event IN ('drop', 'resume')),
    host TEXT NOT NULL, body_sha256 TEXT NOT NULL, actor TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE TRIGGER gate_events_update BEFORE UPDATE ON gate_events BEGIN SELECT RAISE(ABORT, 'gate_events are append-only'); END;
CREATE TRIGGER gate_events_delete BEFORE DELETE ON gate_events BEGIN SELECT RAISE(ABORT, 'gate_events are append-only'); END;

CREATE TABLE samples (
    id INTEGER PRIMARY KEY, document_id TEXT NOT NULL, why TEXT NOT NULL CHECK (why IN ('top', 'uncertain', 'random')),
    probability REAL NOT NULL, drawn_at TEXT NOT NULL
) STRICT;
CREATE INDEX samples_document ON samples(document_id);
"""


# Not vouched for, like `fetches`: the next crawl may make it anew.
ROBOTS = """
CREATE TABLE robots (site TEXT PRIMARY KEY, status INTEGER NOT NULL, body BLOB NOT NULL, fetched_at TEXT NOT NULL) STRICT
"""


@migrations()
def m001_first_tables(db: Database) -> None:
    """Every table of the first version."""
    for script in (TABLES, APPEND_ONLY):
        for statement in _split(script):
            db.conn.execute(statement)


@migrations()
def m002_cluster_index(db: Database) -> None:
    """The index that finds copies. Documents of before enter it when `xabar run --again` analyses them."""
    for statement in _split(CLUSTERS):
        db.conn.execute(statement)


@migrations()
def m003_learning(db: Database) -> None:
    """Analysts' corrections; trained models, their evaluations and promotions."""
    for statement in _split(LEARNING):
        db.conn.execute(statement)
    for table in LEARNING_TABLES:
        for event in ("UPDATE", "DELETE"):
            db.conn.execute(
                f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
            )


@migrations()
def m004_details(db: Database) -> None:
    """What reports have beside their text, and the versions of one article."""
    for statement in _split(DETAILS):
        db.conn.execute(statement)


@migrations()
def m005_visits(db: Database) -> None:
    """Visits to sources, their health, hosts that want to be left alone; the flags of a source beside its items."""
    for statement in _split(VISITS):
        db.conn.execute(statement)


@migrations()
def m006_review(db: Database) -> None:
    """Accounts, second opinions, and the narrow table that the lists of the review page read."""
    for script in (REVIEW, OPINIONS, QUEUE, QUEUE_TRIGGERS):
        for statement in _split(script):
            db.conn.execute(statement)
    db.conn.execute(fill_queue("documents.id"))


@migrations()
def m007_removals(db: Database) -> None:
    """Tombstones of removed pages, and salted hashes of addresses that are never fetched again."""
    for statement in _split(REMOVALS):
        db.conn.execute(statement)


@migrations()
def m008_candidates(db: Database) -> None:
    """Votes on names that the archive proposes for the gazetteer."""
    for statement in _split(CANDIDATES):
        db.conn.execute(statement)


@migrations()
def m009_segments(db: Database) -> None:
    """The copy index in segments that are merged: its cost no longer grows with the archive; boilerplate of sites."""
    for script in (SEGMENTS, SITE_LINES):
        for statement in _split(script):
            db.conn.execute(statement)


@migrations()
def m010_gate_and_samples(db: Database) -> None:
    """What the gate dropped and which sources it paused; which documents were drawn to be read, and how likely that was."""
    for statement in _split(GATE_AND_SAMPLES):
        db.conn.execute(statement)


@migrations()
def m011_queue_insert(db: Database) -> None:
    """A document that nobody decided on enters the queue without a search for opinions."""
    for statement in _split(QUEUE_INSERT):
        db.conn.execute(statement)


@migrations()
def m012_robots(db: Database) -> None:
    """Robots.txt of the sites, kept for a day."""
    db.conn.execute(ROBOTS)


@migrations()
def m013_dashboard(db: Database) -> None:
    """What the dashboard counts, and the feeds of saved filters."""
    for script in (dashboard_tables.COUNTS, dashboard_tables.FILL, dashboard_tables.TRIGGERS, dashboard_tables.FEEDS):
        for statement in _split(script):
            db.conn.execute(statement)


@migrations()
def m014_layouts(db: Database) -> None:
    """Where the pages of a source have what; JSON, empty where its file says nothing."""
    db.conn.execute("ALTER TABLE sources ADD COLUMN layout TEXT NOT NULL DEFAULT ''")


@migrations()
def m015_explore(db: Database) -> None:
    """The views that may be explored with SQL."""
    for statement in _split(EXPLORE):
        db.conn.execute(statement)


@migrations()
def m016_translations(db: Database) -> None:
    """What finds the same story in other languages, and what was found."""
    for statement in _split(TRANSLATIONS):
        db.conn.execute(statement)


@migrations()
def m017_queue_narrow(db: Database) -> None:
    """Indexes for one language or source."""
    for statement in _split(QUEUE_NARROW):
        db.conn.execute(statement)


def _split(script: str) -> list[str]:
    # executescript() would commit the transaction that the migration runs in.
    statements, current = [], ""
    for line in script.strip().splitlines(keepends=True):
        current += line
        ends_trigger = line.rstrip().endswith("END;")
        if line.rstrip().endswith(";") and ("CREATE TRIGGER" not in current or ends_trigger):
            statements.append(current.strip())
            current = ""
    return statements
