"""What may be explored with SQL: views without texts, notes, reviewers' names and persons outside the gazetteer. Never edited
afterwards: a later migration drops a view and makes it anew."""

# What others said of an item waits until everybody who owes an opinion has given theirs; a gold item never tells.
_OPEN = "second != 'asked' AND NOT EXISTS (SELECT 1 FROM gold WHERE gold.document_id = q.document_id)"

EXPLORE = f"""
CREATE VIEW explore_items AS
    SELECT q.document_id AS item, q.day, q.route AS language, q.source, coalesce(s.name, q.source) AS publisher,
        coalesce(s.kind, '') AS kind, coalesce(s.country, '') AS country, d.title, d.url,
        coalesce(d.published_source, '') AS date_read_from, d.fetched_at, q.cluster_id AS story, q.score, q.flagged,
        CASE WHEN {_OPEN} THEN q.verdict END AS verdict, q.second
    FROM queue AS q JOIN documents AS d ON d.number = q.number LEFT JOIN sources AS s ON s.id = q.source;
CREATE VIEW explore_names AS
    SELECT m.document_id AS item, q.day, q.route AS language, q.source, q.flagged, m.entity_id AS entity, m.name, m.label, m.kind,
        m.certain FROM mentions AS m JOIN queue AS q ON q.document_id = m.document_id
    WHERE m.entity_id IS NOT NULL AND m.label != 'LOC';
CREATE VIEW explore_places AS
    SELECT name AS place, sum(documents) AS items, min(week) AS first_week, max(week) AS last_week FROM flagged_weeks
    WHERE what = 'LOC' AND documents > 0 GROUP BY name HAVING sum(documents) >= 5;
CREATE VIEW explore_labels AS
    SELECT document_id AS item, axis, label, probability, model FROM labels WHERE axis IN ('relevance', 'topics', 'genre');
CREATE VIEW explore_decisions AS
    SELECT o.document_id AS item, substr(o.decided_at, 1, 10) AS day, o.verdict, o.reason, o.clause, o.mode
    FROM decisions AS o JOIN queue AS q ON q.document_id = o.document_id
    WHERE o.verdict != 'withdrawn' AND o.mode != 'gold' AND {_OPEN} AND o.id = (SELECT max(n.id) FROM decisions AS n
        WHERE n.document_id = o.document_id AND n.reviewer = o.reviewer AND n.mode != 'gold');
CREATE VIEW explore_outcomes AS
    SELECT p.source, substr(p.fetched_at, 1, 10) AS day, o.outcome, coalesce(o.stage, '') AS stage,
        CASE o.outcome WHEN 'skipped' THEN coalesce(o.reason, '') ELSE '' END AS reason
    FROM outcomes AS o JOIN pages AS p ON p.id = o.page_id;
CREATE VIEW explore_sources AS
    SELECT s.id AS source, s.name, s.homepage, s.country, s.languages, s.kind, s.flags, s.note,
        (SELECT h.state FROM health AS h WHERE h.source = s.id AND h.state != 'accepted' ORDER BY h.id DESC LIMIT 1) AS state
    FROM sources AS s;
CREATE VIEW explore_visits AS
    SELECT source, due_at, started_at, ended_at, coalesce(why_not, '') AS why_not, fetched, unchanged, failed, refused
    FROM visits;
"""
