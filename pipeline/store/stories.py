"""Flagged stories since a moment: one per cluster, with its documents and the organisations that they name."""

import json
from collections import defaultdict
from typing import Any

from pipeline.store.connection import Connection

ORGANISATIONS_PER_STORY = 8


class Stories:
    """What a digest needs of documents, mentions and sources."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def flagged_since(self, since: str) -> list[dict[str, Any]]:
        """Clusters first flagged since then, by falling score: id, score, documents, organisations."""
        rows = self._connection.all(
            "SELECT documents.*, outcomes.at AS analysed, coalesce(sources.name, documents.source) AS source_name,"
            " coalesce(sources.flags, '') AS flags FROM documents JOIN outcomes ON page_id = documents.id"
            " LEFT JOIN sources ON sources.id = documents.source"
            " WHERE flagged AND cluster_id NOT IN (SELECT cluster_id FROM documents JOIN outcomes ON page_id = documents.id"
            " WHERE flagged AND at < ?) ORDER BY score DESC, number",
            since,
        )
        stories: dict[str, dict[str, Any]] = {}
        for row in rows:
            story = stories.setdefault(row["cluster_id"], {"id": row["cluster_id"], "score": row["score"], "documents": []})
            story["documents"].append(_document(row))
        named = self._organisations(since)
        for story in stories.values():
            counts: dict[str, int] = defaultdict(int)
            for document in story["documents"]:
                for name in named.get(document["id"], ()):
                    counts[name] += 1
            story["organisations"] = sorted(counts, key=lambda name: (-counts[name], name))[:ORGANISATIONS_PER_STORY]
        return list(stories.values())

    def _organisations(self, since: str) -> dict[str, list[str]]:
        rows = self._connection.all(
            "SELECT DISTINCT document_id, coalesce(nullif(name, ''), entity_id) AS name FROM mentions"
            " JOIN documents ON documents.id = document_id JOIN outcomes ON page_id = documents.id"
            " WHERE flagged AND label = 'ORG' AND certain AND entity_id IS NOT NULL AND at >= ? ORDER BY 1, 2",
            since,
        )
        found: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            found[row["document_id"]].append(row["name"])
        return found


def _document(row: Any) -> dict[str, Any]:
    names = ("id", "title", "url", "source", "source_name", "published", "fetched_at", "analysed", "score")
    route = row["language"] + (f"-{row['script']}" if row["language"] == "uz" else "")
    return {name: row[name] for name in names} | {
        "language": route,
        "flags": row["flags"].split(),
        "reasons": json.loads(row["reasons"]),
    }
