"""What proves one document to somebody without the database: its rows, and the chain from them to the audit's head."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.store.chain import Head, leaf, link
from pipeline.store.check import open_snapshot
from pipeline.store.seal import ADOPT, DECIDE, SAVE, outcome_parts

SAID = ("at", "actor", "action", "subject")


@dataclass(frozen=True, slots=True)
class Proof:
    """The rows of a document by table (see `seal.PARTS`), and the links of the chain from the first that names it.

    A link is {"id", "sha256"} with the row's `SAID` where it is about this document, else with only {"content"}: the
    hash of what it says, so that decisions on other documents stay where they are.
    """

    parts: dict[str, list[list[Any]]]
    previous: str
    links: list[dict[str, Any]]


def read_proof(database: Path, document_id: str) -> Proof:
    """Read it in one moment. Raises LookupError when the audit does not know the document."""
    with closing(open_snapshot(database)) as db:
        parts = outcome_parts(db, document_id)
        rows = db.execute("SELECT id, sha256, previous_sha256, at, actor, action, subject FROM audit ORDER BY id").fetchall()
    own = {row["id"] for row in rows if concerns(row["action"], row["subject"], document_id)}
    if not own:
        raise LookupError(document_id)
    needed = [row for row in rows if row["id"] >= min(own)]
    return Proof(parts, needed[0]["previous_sha256"], [_link(row, row["id"] in own) for row in needed])


def concerns(action: str, subject: str, document_id: str) -> bool:
    """Whether an audit row vouches for the document, or is a decision on it."""
    if action in (SAVE, ADOPT):
        return document_id in vouched(action, subject)
    return action == DECIDE and json.loads(subject)[1] == document_id


def vouched(action: str, subject: str) -> dict[str, str]:
    """The hashes of outcomes that an audit row holds, by page id."""
    value: dict[str, Any] = json.loads(subject)
    found: dict[str, str] = value["outcomes"] if action == ADOPT else value if action == SAVE else {}
    return found


def follow(previous: str, links: list[dict[str, Any]]) -> Head:
    """Walk the links; returns the head they lead to. Raises ValueError at the first that does not follow."""
    number = links[0]["id"] - 1
    for item in links:
        content = leaf(*(item[name] for name in SAID)) if "at" in item else item["content"]
        if item["id"] != number + 1 or link(previous, content) != item["sha256"]:
            raise ValueError(f"row {item['id']} does not follow from the row before it")
        number, previous = item["id"], item["sha256"]
    return Head(number, previous)


def _link(row: sqlite3.Row, own: bool) -> dict[str, Any]:
    base = {"id": row["id"], "sha256": row["sha256"]}
    if own:
        return base | {name: row[name] for name in SAID}
    return base | {"content": leaf(*(row[name] for name in SAID))}
