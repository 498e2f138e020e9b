"""What narrows the queue and orders it: each filter as SQL on `q`, a row of the queue."""

from collections.abc import Mapping

Filters = Mapping[str, str | float]  # see Queue
VERDICT_STATES = ("none", "relevant", "not-relevant", "unsure", "defer")
ORDERS = {"score": "score", "doubt": "doubt", "newest": "day", "random": "place"}
BY_ONE = {"score": "", "day": "_day"}  # orders with an index for one language or source, and how its name ends

# Each filter as a condition on `q`, a row of the queue. The literals let SQLite use its partial indexes.
FILTERS = {
    "route": "q.route = :route",
    "source": "q.source = :source",
    "kind": "q.source IN (SELECT id FROM sources WHERE kind = :kind)",
    "since": "q.day >= :since",
    "until": "q.day <= :until",
    "least": "q.score >= :least",
    "below": "q.score < :below",
    "reports": "(SELECT count(DISTINCT url) FROM queue AS copy WHERE copy.cluster_id = q.cluster_id) >= :reports",
    "reviewer": "q.document_id IN (SELECT document_id FROM opinions WHERE reviewer = :reviewer)",
}
HAS = {
    "entity": ("mentions", "entity_id = :entity"),
    "also": ("mentions", "entity_id = :also"),
    "topic": ("labels", "axis = 'topics' AND label = :topic AND probability >= 0.5"),
}
MINE = "EXISTS (SELECT 1 FROM decisions WHERE decisions.document_id = q.document_id AND reviewer = :reader)"


def find_table(filters: Filters) -> str:
    """The table that is read, with the index to read it by where SQLite would choose badly."""
    # There is an index for each order of what waits, and for each language and source; left to itself SQLite takes one that also
    # holds all that is decided, or all that was never flagged.
    order, verdict = find_order(filters), filters.get("verdict", "any")
    by = next((name for name in ("route", "source") if name in filters), "")
    if not filters.get("flagged") or "search" in filters:
        return "queue AS q"
    if verdict == "none" and not by:
        return f"queue AS q INDEXED BY queue_waiting_{order}"
    if verdict == "none" and order in BY_ONE:
        return f"queue AS q INDEXED BY queue_waiting_{by}{BY_ONE[order]}"
    if verdict == "any" and by and order == "score":
        return f"queue AS q INDEXED BY queue_flagged_{by}"
    return "queue AS q"


def find_order(filters: Filters) -> str:
    """The column that is sorted by."""
    return ORDERS[str(filters.get("order", "score"))]


def find_verdict_parts(values: Filters) -> list[str]:
    """What was decided, and what this reader may know of it."""
    verdict, second, reader = str(values.get("verdict", "any")), values.get("second", ""), values.get("reader", "")
    parts = []
    if verdict == "none":
        parts.append("q.verdict = 'none'")
    elif verdict == "decided":
        parts.append("q.verdict != 'none'")
    elif verdict != "any":
        parts += ["q.verdict = :verdict", "q.verdict != 'none'"]
    if second:
        parts += ["q.second = :second", "q.second != ''"]
    if reader and second == "asked":
        parts.append(f"NOT {MINE}")
    elif reader and verdict not in ("any", "none"):
        # Whoever still owes a second opinion must not learn the first from a list.
        parts.append(f"(q.second != 'asked' OR {MINE})")
    return parts
