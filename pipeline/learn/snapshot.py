"""What a model is trained on and measured with: decisions and corrections of this database, and the texts shipped with xabar.

A snapshot holds labels, places and hashes, never texts: these are found again by id, and must hash to what they were.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import models
from models.relevance.compare import find_route
from models.relevance.dataset import Row, make_key, read_allowed_rows, read_texts
from pipeline.classify import make_hits
from pipeline.entities import find_entities
from pipeline.records import Document, Stop
from pipeline.store import Store
from pipeline.store.corrections import Correction

TEXTS = Path(models.__file__).parent / "texts"
SEEDS, HELD_BACK = ("first", "written", "short", "later"), ("heldback",)
TEST_SHARE = 0.3  # of the stories of a language, the newest
# Why analysts say no, as the classes of negatives that models are measured on.
NEGATIVE_CLASSES = {"name-clash": "homograph", "disclaimer": "legal-boilerplate", "no-nexus": "no-nexus"}
NOWHERE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Item:
    """A row with where it came from (`decision`, `seed`, `heldback`), its part (`train`, `test`) and when it was published."""

    row: Row
    origin: str
    part: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All items, and how many decisions were left out and why."""

    items: tuple[Item, ...]
    left_out: Mapping[str, int]

    def rows(self, part: str) -> list[Row]:
        """The rows of `train` or `test`."""
        return [item.row for item in self.items if item.part == part]

    def lines(self) -> list[str]:
        """One JSON line per item, without its text."""
        return [json.dumps(_describe(item), ensure_ascii=False, sort_keys=True) for item in self.items]

    @property
    def sha256(self) -> str:
        """The hash of the lines: the same labels on the same texts are the same snapshot."""
        return sha256("\n".join(self.lines()).encode()).hexdigest()

    def count(self) -> dict[str, int]:
        """How many items there are by part, origin, language and relevance."""
        keys = (f"{i.part} {i.origin} {find_route(i.row)} {'relevant' if i.row.relevant else 'not'}" for i in self.items)
        return dict(sorted(Counter(keys).items()))


def make_snapshot(store: Store, texts: Path = TEXTS, data: Path | None = None) -> Snapshot:
    """Everything that may be learned from now. `data` is a folder of further labelled texts, shaped like the evaluation data."""
    held_back = add_hits(row for row in read_texts(texts, HELD_BACK) if not row.doubt)
    known = {make_key(row.text) for row in held_back}
    further = read_allowed_rows(data, {}) if data else []
    seeds = {make_key(row.text): row for row in [*further, *read_texts(texts, SEEDS)]}
    shipped = add_hits(row for key, row in seeds.items() if key not in known)
    decided, left_out = read_decisions(store, known | seeds.keys())
    items = [
        *split_by_story_and_time(decided),
        *(Item(row, "seed", "train") for row in shipped),
        *(Item(row, "heldback", "test") for row in held_back),
    ]
    if not any(item.part == "test" for item in items):
        raise Stop(f"{store.path}: nothing to measure a model with; decide some items first ('xabar review')")
    return Snapshot(tuple(sorted(items, key=lambda item: (item.origin, item.row.id))), left_out)


def read_snapshot(store: Store, lines: Sequence[str], texts: Path = TEXTS, data: Path | None = None) -> Snapshot:
    """A written snapshot with its texts again. Raises Stop when a text is gone or is another one now."""
    further = read_allowed_rows(data, {}) if data else []
    shipped = {row.id: row for row in [*further, *read_texts(texts, SEEDS), *read_texts(texts, HELD_BACK)]}
    described = [json.loads(line) for line in lines]
    items = [_find_again(store, entry, shipped) for entry in described]
    unread = iter(add_hits(item.row for item in items if item.origin != "decision"))
    return Snapshot(tuple(item if item.origin == "decision" else replace(item, row=next(unread)) for item in items), {})


def read_decisions(store: Store, shipped: Iterable[str] = ()) -> tuple[list[tuple[Row, str]], dict[str, int]]:
    """(row, time of publication) of every document that reviewers agree on, and how many were left out and why."""
    found, left_out, keys = [], Counter[str](), set(shipped)
    for document_id, verdicts in store.desk.verdicts().items():
        doc = store.documents.load(document_id)
        says = {verdict for verdict, _ in verdicts if verdict in ("relevant", "not-relevant")}
        if doc is None:
            left_out["document is gone"] += 1
        elif len(says) != 1:
            left_out["reviewers disagree" if says else "unsure or deferred"] += 1
        elif make_key(doc.text) in keys:
            left_out["text is among the shipped ones"] += 1
        else:
            row = _make_row(doc, says == {"relevant"}, verdicts[-1][1], store.corrections.of(document_id))
            found.append((row, doc.published or doc.fetched_at.isoformat()))
    return found, dict(left_out)


def split_by_story_and_time(decided: Sequence[tuple[Row, str]]) -> list[Item]:
    """The newest stories of each language are for measuring; all copies of a story are on one side."""
    test = choose_newest((find_route(row), row.family, at) for row, at in decided)
    return [Item(row, "decision", "test" if row.family in test else "train", at) for row, at in decided]


def choose_newest(stories: Iterable[tuple[str, str, str]]) -> set[str]:
    """Of (language, story, time) the newest stories of each language, which are for measuring."""
    routes: dict[str, dict[str, str]] = defaultdict(dict)
    for route, family, at in stories:
        routes[route][family] = min(at, routes[route].get(family, at))
    test: set[str] = set()
    for first in routes.values():
        newest = sorted(first, key=lambda family: (first[family], family), reverse=True)
        test.update(newest[: round(TEST_SHARE * len(newest))])
    return test


def add_hits(rows: Iterable[Row]) -> list[Row]:
    """The same rows with what the gazetteer finds in them now."""
    rows = list(rows)
    docs = find_entities([_make_document(row) for row in rows])
    return [replace(row, hits=tuple(make_hits(doc, 0, len(doc.text)))) for row, doc in zip(rows, docs, strict=True)]


def _find_again(store: Store, entry: Mapping[str, Any], shipped: Mapping[str, Row]) -> Item:
    row = shipped.get(entry["id"])
    if entry["origin"] == "decision":
        doc = store.documents.load(entry["id"])
        row = _make_row(doc, entry["relevance"] in ("R2", "R3"), "", ()) if doc else None
    if row is None or _hash(row) != entry["sha256"]:
        state = "is gone" if row is None else "is another text now"
        raise Stop(f"snapshot: {entry['origin']} {entry['id']} {state}; make a new model with 'xabar models train'")
    labels = {name: entry[name] for name in ("relevance", "genre", "negative_class", "exact", "topics_known", "family")}
    row = replace(row, **labels, topics=tuple(entry["topics"]))
    return Item(row, entry["origin"], entry["part"], entry["at"])


def _describe(item: Item) -> dict[str, Any]:
    names = ("id", "language", "script", "relevance", "topics", "genre", "negative_class", "family", "exact", "topics_known")
    labels = {name: getattr(item.row, name) for name in names}
    return labels | {"origin": item.origin, "part": item.part, "at": item.at, "sha256": _hash(item.row)}


def _hash(row: Row) -> str:
    return sha256(f"{row.title}\n{row.text}".encode("utf-8", "surrogatepass")).hexdigest()


def _make_row(doc: Document, relevant: bool, reason: str, corrections: Sequence[Correction]) -> Row:
    right = {correction.task: correction.value for correction in corrections}
    level = right.get("relevance", {}).get("relevance")
    exact = level in (("R2", "R3") if relevant else ("R0", "R1"))
    return Row(
        id=doc.id,
        language=right.get("language", {}).get("language", doc.language),
        script=doc.script,
        title=doc.title,
        text=doc.text,
        relevance=str(level) if exact else "R2" if relevant else "R0",
        topics=tuple(right.get("topics", {}).get("topics", ())),
        genre=right.get("genre", {}).get("genre"),
        negative_class=None if relevant else NEGATIVE_CLASSES.get(reason),
        source=doc.source,
        family=doc.cluster_id or doc.id,
        hits=tuple(make_hits(doc, 0, len(doc.text))),
        exact=exact,
        topics_known="topics" in right,
        decided=True,
    )


def _make_document(row: Row) -> Document:
    return Document(row.id, "", "", NOWHERE, row.title, row.text, language=row.language, script=row.script)
