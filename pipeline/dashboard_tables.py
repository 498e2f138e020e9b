"""What the dashboard counts, kept by triggers so that a page of a large archive needs no scan: never edited afterwards."""

# Monday of the week; a day that is none has no week.
WEEK = "coalesce(date({day}, 'weekday 0', '-6 days'), '')"

# `what`: route, source, or the label of the entity that `name` is; of flagged documents only, each counted once.
COUNTS = """
CREATE TABLE flagged_weeks (
    what TEXT NOT NULL, name TEXT NOT NULL, week TEXT NOT NULL, documents INTEGER NOT NULL, PRIMARY KEY (what, name, week)
) STRICT, WITHOUT ROWID;
CREATE TABLE named_pairs (
    one TEXT NOT NULL, two TEXT NOT NULL, week TEXT NOT NULL, documents INTEGER NOT NULL, PRIMARY KEY (one, two, week)
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_own ON decisions(document_id, reviewer, id DESC);
CREATE INDEX queue_judged ON queue(score, verdict) WHERE flagged = 1 AND verdict != 'none';
"""
_PAIRS = """min(a.entity_id, b.entity_id), max(a.entity_id, b.entity_id), {week}, count(DISTINCT q.document_id)
    FROM queue AS q JOIN mentions AS a ON a.document_id = q.document_id JOIN mentions AS b ON b.document_id = q.document_id
    WHERE q.flagged = 1 AND a.label = 'ORG' AND b.label = 'ORG' AND a.entity_id < b.entity_id"""

FILL = f"""
INSERT INTO flagged_weeks SELECT 'route', route, {WEEK.format(day="day")}, count(*) FROM queue WHERE flagged = 1 GROUP BY 2, 3;
INSERT INTO flagged_weeks SELECT 'source', source, {WEEK.format(day="day")}, count(*) FROM queue WHERE flagged = 1 GROUP BY 2, 3;
INSERT INTO flagged_weeks SELECT min(m.label), m.entity_id, {WEEK.format(day="q.day")}, count(DISTINCT q.document_id)
    FROM queue AS q JOIN mentions AS m ON m.document_id = q.document_id
    WHERE q.flagged = 1 AND m.entity_id IS NOT NULL GROUP BY 2, 3;
INSERT INTO named_pairs SELECT {_PAIRS.format(week=WEEK.format(day="q.day"))} GROUP BY 1, 2, 3;
"""

_FIRST = """new.entity_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM mentions AS m
    WHERE m.entity_id = new.entity_id AND m.document_id = new.document_id AND m.rowid != new.rowid)"""
_LAST = """old.entity_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM mentions AS m
    WHERE m.entity_id = old.entity_id AND m.document_id = old.document_id)"""
_ADD = "ON CONFLICT DO UPDATE SET documents = documents + 1"


def _others(row: str) -> str:
    return f"""(SELECT DISTINCT entity_id FROM mentions WHERE document_id = {row}.document_id AND label = 'ORG'
        AND entity_id IS NOT NULL AND entity_id != {row}.entity_id)"""


def _week_of(document_id: str) -> str:
    return f"(SELECT {WEEK.format(day='day')} FROM queue WHERE document_id = {document_id} AND flagged = 1)"


TRIGGERS = f"""
CREATE TRIGGER flagged_weeks_insert AFTER INSERT ON queue WHEN new.flagged = 1 BEGIN
    INSERT INTO flagged_weeks VALUES ('route', new.route, {WEEK.format(day="new.day")}, 1) {_ADD};
    INSERT INTO flagged_weeks VALUES ('source', new.source, {WEEK.format(day="new.day")}, 1) {_ADD};
END;
CREATE TRIGGER flagged_weeks_delete BEFORE DELETE ON queue WHEN old.flagged = 1 BEGIN
    UPDATE flagged_weeks SET documents = documents - 1 WHERE week = {WEEK.format(day="old.day")}
        AND ((what = 'route' AND name = old.route) OR (what = 'source' AND name = old.source)
        OR (name IN (SELECT entity_id FROM mentions WHERE document_id = old.document_id) AND what NOT IN ('route', 'source')));
    UPDATE named_pairs SET documents = documents - 1 WHERE week = {WEEK.format(day="old.day")}
        AND one IN (SELECT entity_id FROM mentions WHERE document_id = old.document_id AND label = 'ORG')
        AND two IN (SELECT entity_id FROM mentions WHERE document_id = old.document_id AND label = 'ORG');
END;
CREATE TRIGGER named_insert AFTER INSERT ON mentions WHEN {_FIRST} BEGIN
    INSERT INTO flagged_weeks SELECT new.label, new.entity_id, {WEEK.format(day="day")}, 1 FROM queue
        WHERE document_id = new.document_id AND flagged = 1 {_ADD};
    INSERT INTO named_pairs SELECT min(new.entity_id, o.entity_id), max(new.entity_id, o.entity_id), {WEEK.format(day="day")}, 1
        FROM queue JOIN {_others("new")} AS o WHERE document_id = new.document_id AND flagged = 1 AND new.label = 'ORG' {_ADD};
END;
CREATE TRIGGER named_delete AFTER DELETE ON mentions WHEN {_LAST} BEGIN
    UPDATE flagged_weeks SET documents = documents - 1
        WHERE what = old.label AND name = old.entity_id AND week = {_week_of("old.document_id")};
    UPDATE named_pairs SET documents = documents - 1 WHERE old.label = 'ORG' AND week = {_week_of("old.document_id")}
        AND ((one = old.entity_id AND two IN {_others("old")}) OR (two = old.entity_id AND one IN {_others("old")}));
END;
"""

# A feed's address is its key; it is kept as a hash and read in the name of whoever made it.
FEEDS = """
CREATE TABLE feeds (
    token_sha256 TEXT PRIMARY KEY, filter_id INTEGER NOT NULL UNIQUE REFERENCES saved_filters(id) ON DELETE CASCADE,
    created_at TEXT NOT NULL, read_at TEXT
) STRICT;
"""
