"""The tables of the review page, as migrations make them: never edited afterwards."""

# Decisions are made anew as a table because SQLite cannot widen a CHECK: 'withdrawn' takes back what the same reviewer said.
REVIEW = """
CREATE TABLE decisions_wider (
    id INTEGER PRIMARY KEY, document_id TEXT NOT NULL, reviewer TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('relevant', 'not-relevant', 'unsure', 'defer', 'withdrawn')),
    reason TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', decided_at TEXT NOT NULL,
    clause TEXT NOT NULL DEFAULT '',
    mode TEXT NOT NULL DEFAULT 'open' CHECK (mode IN ('first', 'blind', 'open', 'copy', 'gold', 'adjudication')),
    asks_second INTEGER NOT NULL DEFAULT 0, batch INTEGER, undoes INTEGER
) STRICT;
INSERT INTO decisions_wider(id, document_id, reviewer, verdict, reason, note, decided_at)
    SELECT id, document_id, reviewer, verdict, reason, note, decided_at FROM decisions;
DROP TABLE decisions;
ALTER TABLE decisions_wider RENAME TO decisions;
CREATE INDEX decisions_document ON decisions(document_id, id DESC);
CREATE INDEX decisions_reviewer ON decisions(reviewer, id DESC);
CREATE TRIGGER decisions_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

CREATE TABLE users (
    name TEXT PRIMARY KEY, role TEXT NOT NULL CHECK (role IN ('reader', 'analyst', 'lead', 'admin')),
    password TEXT, active INTEGER NOT NULL DEFAULT 1, created_at TEXT NOT NULL
) STRICT;
CREATE TABLE sessions (
    token_sha256 TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users(name), created_at TEXT NOT NULL, expires_at TEXT NOT NULL
) STRICT;
CREATE TABLE saved_filters (
    id INTEGER PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, created_at TEXT NOT NULL,
    UNIQUE (owner, name)
) STRICT;
CREATE TABLE drafts (
    document_id TEXT NOT NULL, reviewer TEXT NOT NULL, note TEXT NOT NULL, saved_at TEXT NOT NULL,
    PRIMARY KEY (document_id, reviewer)
) STRICT;
CREATE TABLE gold (
    document_id TEXT PRIMARY KEY, verdict TEXT NOT NULL CHECK (verdict IN ('relevant', 'not-relevant')),
    why TEXT NOT NULL, set_by TEXT NOT NULL, set_at TEXT NOT NULL
) STRICT;
CREATE TABLE requests (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, asked_by TEXT NOT NULL, asked_at TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '' CHECK (answer IN ('', 'granted', 'refused')), answered_by TEXT, answered_at TEXT,
    CHECK (answered_by IS NULL OR answered_by != asked_by)
) STRICT;
"""

# What counts of each reviewer: their newest word on a document, unless they took it back. A gold item only measures the reviewer.
OPINIONS = """
CREATE VIEW opinions AS
    SELECT * FROM decisions WHERE verdict != 'withdrawn' AND mode != 'gold' AND id = (
        SELECT max(newer.id) FROM decisions AS newer
        WHERE newer.document_id = decisions.document_id AND newer.reviewer = decisions.reviewer AND newer.mode != 'gold');
"""
# The verdict that stands for a document: the adjudicated one, else the newest.
STANDING = """coalesce(
    (SELECT verdict FROM opinions WHERE document_id = {id} AND mode = 'adjudication' ORDER BY id DESC LIMIT 1),
    (SELECT verdict FROM opinions WHERE document_id = {id} ORDER BY id DESC LIMIT 1), 'none')"""
# Where a document stands between its reviewers: asked (a second opinion is wanted), agreed, disputed, settled.
SECOND = """(SELECT CASE WHEN max(mode = 'adjudication') THEN 'settled' WHEN count(DISTINCT verdict) > 1 THEN 'disputed'
    WHEN count(*) > 1 THEN 'agreed' WHEN max(asks_second) THEN 'asked' ELSE '' END
    FROM opinions WHERE document_id = {id} AND verdict != 'defer')"""
# One narrow row per document, so that no list of the review page touches the texts. `doubt` is 0.5 at a score of 0.5 and 0 at
# the ends; `place` is an order that looks random and stays.
QUEUE_ROW = """
INSERT INTO queue(number, document_id, cluster_id, url, source, route, day, score, doubt, place, flagged, verdict, second)
    SELECT number, id, coalesce(nullif(cluster_id, ''), id), url, source,
        CASE language WHEN 'uz' THEN 'uz-' || script ELSE language END, coalesce(published, substr(fetched_at, 1, 10)),
        score, 0.5 - abs(score - 0.5), (number * 2654435761) % 4294967296, flagged, {standing}, {second} FROM documents"""
QUEUE = """
CREATE TABLE queue (
    number INTEGER PRIMARY KEY, document_id TEXT NOT NULL UNIQUE, cluster_id TEXT NOT NULL, url TEXT NOT NULL,
    source TEXT NOT NULL, route TEXT NOT NULL, day TEXT NOT NULL, score REAL NOT NULL, doubt REAL NOT NULL,
    place INTEGER NOT NULL, flagged INTEGER NOT NULL, verdict TEXT NOT NULL, second TEXT NOT NULL
) STRICT;
CREATE TABLE queue_counts (
    route TEXT NOT NULL, source TEXT NOT NULL, flagged INTEGER NOT NULL, verdict TEXT NOT NULL, documents INTEGER NOT NULL,
    PRIMARY KEY (route, source, flagged, verdict)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_cluster ON queue(cluster_id, score DESC, number);
CREATE INDEX queue_waiting_score ON queue(score DESC, number) WHERE flagged = 1 AND verdict = 'none';
CREATE INDEX queue_waiting_doubt ON queue(doubt DESC, number) WHERE flagged = 1 AND verdict = 'none';
CREATE INDEX queue_waiting_day ON queue(day DESC, number) WHERE flagged = 1 AND verdict = 'none';
CREATE INDEX queue_waiting_place ON queue(place DESC, number) WHERE flagged = 1 AND verdict = 'none';
CREATE INDEX queue_waiting_route ON queue(route, score DESC, number) WHERE flagged = 1 AND verdict = 'none';
CREATE INDEX queue_waiting_source ON queue(source, score DESC, number) WHERE flagged = 1 AND verdict = 'none';
CREATE INDEX queue_decided ON queue(verdict, score DESC, number) WHERE verdict != 'none';
CREATE INDEX queue_second ON queue(second, score DESC, number) WHERE second != '';
CREATE INDEX queue_flagged ON queue(score DESC, number) WHERE flagged = 1;
CREATE INDEX queue_score ON queue(score DESC, number);
CREATE INDEX queue_doubt ON queue(doubt DESC, number);
CREATE INDEX queue_day ON queue(day DESC, number);
CREATE INDEX queue_place ON queue(place DESC, number);
CREATE INDEX queue_route ON queue(route, score DESC, number);
CREATE INDEX queue_source ON queue(source, score DESC, number);
DROP INDEX mentions_entity;
CREATE INDEX mentions_entity ON mentions(entity_id, document_id);
CREATE INDEX labels_label ON labels(axis, label, document_id) WHERE probability >= 0.5;
"""


def fill_queue(document_id: str) -> str:
    """The statement that fills the queue from documents; `document_id` is the SQL name of the id in its place."""
    return QUEUE_ROW.format(standing=STANDING.format(id=document_id), second=SECOND.format(id=document_id))


# The same row for a new document, whose opinions are looked for only where there is a decision: on an archive there is none.
QUEUE_INSERT = f"""
DROP TRIGGER queue_insert;
CREATE TRIGGER queue_insert AFTER INSERT ON documents BEGIN
    INSERT INTO queue(number, document_id, cluster_id, url, source, route, day, score, doubt, place, flagged, verdict, second)
    VALUES (new.number, new.id, coalesce(nullif(new.cluster_id, ''), new.id), new.url, new.source,
        CASE new.language WHEN 'uz' THEN 'uz-' || new.script ELSE new.language END,
        coalesce(new.published, substr(new.fetched_at, 1, 10)), new.score, 0.5 - abs(new.score - 0.5),
        (new.number * 2654435761) % 4294967296, new.flagged,
        CASE WHEN EXISTS (SELECT 1 FROM decisions WHERE document_id = new.id) THEN {STANDING.format(id="new.id")} ELSE 'none' END,
        CASE WHEN EXISTS (SELECT 1 FROM decisions WHERE document_id = new.id) THEN {SECOND.format(id="new.id")} ELSE '' END);
END;
"""
QUEUE_TRIGGERS = f"""
CREATE TRIGGER queue_counts_insert AFTER INSERT ON queue BEGIN
    INSERT INTO queue_counts VALUES (new.route, new.source, new.flagged, new.verdict, 1)
        ON CONFLICT DO UPDATE SET documents = documents + 1;
END;
CREATE TRIGGER queue_counts_delete AFTER DELETE ON queue BEGIN
    UPDATE queue_counts SET documents = documents - 1
        WHERE route = old.route AND source = old.source AND flagged = old.flagged AND verdict = old.verdict;
END;
CREATE TRIGGER queue_counts_update AFTER UPDATE OF verdict ON queue WHEN old.verdict != new.verdict BEGIN
    UPDATE queue_counts SET documents = documents - 1
        WHERE route = old.route AND source = old.source AND flagged = old.flagged AND verdict = old.verdict;
    INSERT INTO queue_counts VALUES (new.route, new.source, new.flagged, new.verdict, 1)
        ON CONFLICT DO UPDATE SET documents = documents + 1;
END;
CREATE TRIGGER queue_insert AFTER INSERT ON documents BEGIN
    {fill_queue("new.id")} WHERE number = new.number;
END;
CREATE TRIGGER queue_delete AFTER DELETE ON documents BEGIN DELETE FROM queue WHERE number = old.number; END;
CREATE TRIGGER queue_decide AFTER INSERT ON decisions BEGIN
    UPDATE queue SET verdict = {STANDING.format(id="new.document_id")}, second = {SECOND.format(id="new.document_id")}
        WHERE document_id = new.document_id;
END;
"""

# One language or source: newest first without sorting every waiting row of it, and what was flagged, decided or not, without
# walking through everything that was not.
QUEUE_NARROW = """
CREATE INDEX queue_flagged_route ON queue(route, score DESC, number) WHERE flagged = 1;
CREATE INDEX queue_flagged_source ON queue(source, score DESC, number) WHERE flagged = 1;
CREATE INDEX queue_waiting_route_day ON queue(route, day DESC, number) WHERE flagged = 1 AND verdict = 'none';
CREATE INDEX queue_waiting_source_day ON queue(source, day DESC, number) WHERE flagged = 1 AND verdict = 'none';
"""
