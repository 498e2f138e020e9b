"""A custody bundle: one document with its evidence in a folder that anybody can verify without the database."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.custody.backup import claim_folder
from pipeline.custody.leaflet import render
from pipeline.evidence import EvidenceError, read_member, read_page
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.chain import START, Head, digest
from pipeline.store.pages import PageRef
from pipeline.store.proof import Proof, follow, read_proof, vouched
from pipeline.store.seal import ADOPT, DECIDE, LATER_PARTS, PARTS, SAVE

FORMAT = "xabar bundle 1"
RECORD, ROWS, TEXT, MENTIONS, DECISIONS, CHAIN, LEAFLET = FILES = (
    "record.warc.gz",
    "rows.json",
    "text.txt",
    "mentions.json",
    "decisions.json",
    "chain.json",
    "item.html",
)
MANIFEST = "manifest.json"
PAGE = ("id", "url", "source", "fetched_at", "status", "body_sha256", "warc_file", "warc_offset", "hint_title", "hint_published")
MENTION = ("document", "start", "end", "text", "label", "entity_id", "found_by", "probability", "why", "name", "kind", "certain")
LATER = ("clause", "mode", "asks_second", "batch", "undoes")  # rows of the first versions do not have them
DECISION = ("id", "document_id", "reviewer", "verdict", "reason", "note", "decided_at", *LATER)
TEXT_PLACE = 6  # in a row of documents, see PARTS


class Broken(Exception):
    """A file of a bundle is not what it should be; the message names it."""


def make_bundle(store: Store, document_id: str, out: Path) -> None:
    """Write the bundle of one document into a new folder; the audit has it. Raises Stop."""
    custody = store.desk.custody(document_id)
    if store.documents.load(document_id) is None:
        raise Stop(f"document {document_id!r} is not in this database; the review page and 'xabar export' show the ids")
    if gone := store.removals.tombstone(document_id):
        raise Stop(f"document {document_id!r}: its body was removed ({gone['kind']}, {gone['at']}); there is nothing to bundle")
    try:
        record = read_member(store.evidence_folder / custody["warc_file"], custody["warc_offset"])
    except EvidenceError as error:
        raise Stop(f"{error}; there is no evidence to bundle") from error
    claim_folder(out)
    store.ledger.record("export", {"format": "bundle", "to": out.name, "document": document_id})
    try:
        proof = read_proof(store.path, document_id)
        follow(proof.previous, proof.links)
    except (LookupError, ValueError) as error:
        raise Stop(f"document {document_id!r} can not be proved by the audit ({error}); 'xabar verify' says why") from error
    files = {RECORD: record} | _describe(proof)
    manifest = {
        "format": FORMAT,
        "document": document_id,
        "head": {"id": proof.links[-1]["id"], "sha256": proof.links[-1]["sha256"]},
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    try:
        for name, data in {**files, MANIFEST: _dump(manifest)}.items():
            (out / name).write_bytes(data)
    except OSError as error:
        raise Stop(f"{out}: cannot be written ({error.strerror}); remove it and run the command again") from error


def check_bundle(folder: Path) -> tuple[list[str], Head]:
    """One line for everything that is wrong with a bundle, and the head of the audit that it leads to. Raises Stop."""
    if not (folder / MANIFEST).is_file():
        raise Stop(f"{folder}: no custody bundle there ({MANIFEST} is missing)")
    try:
        manifest = _read_manifest(folder)
    except Broken as error:
        return [str(error)], START
    damage = _check_files(folder, manifest["files"])
    if damage:
        return damage, START
    try:
        return [], _check_content(folder, manifest)
    except Broken as error:
        return [str(error)], START


def _describe(proof: Proof) -> dict[str, bytes]:
    parts, decisions = proof.parts, _decisions(proof.links)
    document, mentions = parts["document"][0], _mentions(parts)
    head = Head(proof.links[-1]["id"], proof.links[-1]["sha256"])
    return {
        ROWS: _dump(parts),
        TEXT: str(document[TEXT_PLACE]).encode(),
        MENTIONS: _dump(mentions),
        DECISIONS: _dump(decisions),
        CHAIN: _dump({"previous": proof.previous, "links": proof.links}),
        LEAFLET: render(dict(zip(PAGE, parts["page"][0], strict=True)), document, mentions, decisions, head).encode(),
    }


def _mentions(parts: dict[str, list[list[Any]]]) -> list[dict[str, Any]]:
    return [dict(zip(MENTION, row, strict=True)) for row in parts["mentions"]]


def _decisions(links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = [json.loads(item["subject"]) for item in links if item.get("action") == DECIDE]
    return [dict(zip(DECISION, row, strict=False)) for row in rows]


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
        manifest: dict[str, Any] = json.loads(data)
        whole = (
            manifest["format"] == FORMAT
            and _dump(manifest) == data  # not one byte may differ from how it is written
            and set(manifest) == {"format", "document", "head", "files"}
            and set(manifest["files"]) == set(FILES)
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Broken(f"{path}: damaged ({error})") from error
    if not whole:
        raise Broken(f"{path}: not the manifest of a bundle in the form {FORMAT!r}")
    return manifest


def _check_files(folder: Path, wanted: dict[str, str]) -> list[str]:
    damage = [
        f"{path}: does not belong to the bundle" for path in sorted(folder.iterdir()) if path.name not in (*wanted, MANIFEST)
    ]
    for name, expected in wanted.items():
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            damage.append(f"{folder / name}: cannot be read ({error.strerror})")
        else:
            if found != expected:
                damage.append(f"{folder / name}: damaged (its SHA-256 is not the one in {MANIFEST})")
    return damage


def _check_content(folder: Path, manifest: dict[str, Any]) -> Head:
    """Every file against the chain, so that a bundle whose manifest was made anew is found too."""
    parts = _in_file(folder / ROWS, _read_parts)
    chain = _in_file(folder / CHAIN, json.loads)
    head: Head = _in_file(folder / CHAIN, lambda _: follow(chain["previous"], chain["links"]))
    _demand(manifest["head"] == {"id": head.id, "sha256": head.sha256}, folder / MANIFEST, "names another head than the chain")
    said = _in_file(folder / CHAIN, lambda _: _last_vouched(chain["links"], manifest["document"]))
    _demand(digest(parts) == said, folder / ROWS, "not the rows that the chain vouches for")
    proof = Proof(parts, chain["previous"], chain["links"])
    for name, data in _in_file(folder / ROWS, lambda _: _describe(proof)).items():
        _demand((folder / name).read_bytes() == data, folder / name, f"does not say what {ROWS} and {CHAIN} say")
    try:
        page = dict(zip(PAGE, parts["page"][0], strict=True)) | {"warc_file": RECORD, "warc_offset": 0}
        read_page(folder, PageRef(**page | {"fetched_at": datetime.fromisoformat(page["fetched_at"])}))
    except EvidenceError as error:
        raise Broken(str(error)) from error
    return head


def _read_parts(data: bytes) -> dict[str, list[list[Any]]]:
    rows = json.loads(data)
    return {name: rows[name] for name in PARTS} | {name: rows[name] for name in LATER_PARTS if name in rows}


def _last_vouched(links: list[dict[str, Any]], document_id: str) -> str | None:
    found = [vouched(item["action"], item["subject"]).get(document_id) for item in links if item.get("action") in (SAVE, ADOPT)]
    return next((value for value in reversed(found) if value), None)


def _in_file(path: Path, read: Callable[[bytes], Any]) -> Any:
    try:
        return read(path.read_bytes())
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Broken(f"{path}: damaged ({error})") from error


def _demand(fine: bool, path: Path, otherwise: str) -> None:
    if not fine:
        raise Broken(f"{path}: {otherwise}")


def _dump(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
