"""The tables that find copies, boilerplate and translations; each as its migration makes it, never edited afterwards."""

# A document has many keys: the rows lie sorted by key, and go with their document by a trigger.
CLUSTERS = """
CREATE TABLE cluster_sketches (
    number INTEGER PRIMARY KEY REFERENCES documents(number), keys TEXT NOT NULL, hashes BLOB NOT NULL
) STRICT;

CREATE TABLE cluster_keys (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) STRICT, WITHOUT ROWID;

CREATE TRIGGER cluster_sketches_delete BEFORE DELETE ON documents BEGIN
    DELETE FROM cluster_keys WHERE number = old.number
        AND key IN (SELECT value FROM json_each((SELECT keys FROM cluster_sketches WHERE number = old.number)));
    DELETE FROM cluster_sketches WHERE number = old.number;
END;
"""

# The keys of older documents in sorted arrays (little-endian uint64 and uint32), merged now and then; see store/segments.py.
SEGMENTS = """
CREATE TABLE cluster_segments (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, keys BLOB NOT NULL, numbers BLOB NOT NULL) STRICT;
CREATE INDEX cluster_segments_level ON cluster_segments(level, id);
"""

# Lines of each site's newest articles, and those learned as boilerplate; JSON, made anew by `xabar run --again` when it is lost.
SITE_LINES = """
CREATE TABLE site_lines (source TEXT PRIMARY KEY, recent TEXT NOT NULL, learned TEXT NOT NULL) STRICT;
"""

# Of documents that the encoder read. Derived, like the sketches: not vouched for, made anew by `xabar run --again`.
TRANSLATIONS = """
CREATE TABLE tellings (
    number INTEGER PRIMARY KEY REFERENCES documents(number), day INTEGER NOT NULL, names TEXT NOT NULL, figures TEXT NOT NULL,
    vector BLOB NOT NULL
) STRICT;
CREATE INDEX tellings_day ON tellings(day, number);
CREATE TABLE same_stories (
    document_id TEXT NOT NULL, other_id TEXT NOT NULL, similarity REAL NOT NULL, PRIMARY KEY (document_id, other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX same_stories_other ON same_stories(other_id);

CREATE TRIGGER tellings_delete BEFORE DELETE ON documents BEGIN
    DELETE FROM tellings WHERE number = old.number;
    DELETE FROM same_stories WHERE document_id = old.id OR other_id = old.id;
END;
CREATE TRIGGER tellings_text AFTER UPDATE OF text ON documents WHEN new.text = '' BEGIN
    DELETE FROM tellings WHERE number = new.number;
END;
"""
