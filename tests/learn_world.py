"""A small world to retrain in: written texts, some shipped, some decided on by simulated analysts, some held back."""

import json
import os
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from models.relevance.compare import find_route
from models.relevance.dataset import Row, halve_titles, read_texts
from models.relevance.train import dump, prepare, train_prepared
from models.relevance.wording import States
from pipeline.entities import find_entities
from pipeline.learn.loop import open_states
from pipeline.learn.snapshot import TEXTS, add_hits
from pipeline.records import Document
from pipeline.store import Store
from pipeline.store.models import SHIPPED
from tests.conftest import FETCHED, make_page

ROUTES = ("en", "ru", "tg", "uz-Cyrl", "uz-Latn")
DECISIONS_PER_ROUTE = 60
LIVE = "relevance-first"


@dataclass(frozen=True)
class World:
    """Texts by part: `shipped` trains, `documents` are decided on, `held_back` measures; no story is in two of them."""

    shipped: tuple[Row, ...]
    documents: tuple[Document, ...]
    labels: dict[str, Row]
    held_back: tuple[Row, ...]
    live: str


@cache
def make_states() -> States | None:
    """What the encoder makes of the texts of this world; only where the runs of the card are made, for it takes minutes."""
    return open_states() if "XABAR_RETRAININGS" in os.environ else None


@cache
def make_world() -> World:
    """The same for every test: two fifths of the stories are shipped, two fifths decided on, a fifth is held back."""
    rows = add_hits(read_texts(TEXTS, ("first", "short")))
    families = sorted({row.family for row in rows})
    random.Random(11).shuffle(families)  # noqa: S311  a repeatable choice, no secret
    place = {family: number / len(families) for number, family in enumerate(families)}
    shipped = tuple(row for row in rows if place[row.family] < 0.4)
    decided = [row for row in rows if 0.4 <= place[row.family] < 0.8]
    held_back = tuple(row for row in rows if place[row.family] >= 0.8)
    docs = tuple(_make_document(number, row) for number, row in enumerate(decided))
    labels = {doc.id: row for doc, row in zip(docs, decided, strict=True)}
    data = prepare(halve_titles(shipped), states=make_states())
    live = dump(train_prepared(data, {}) | {"trained_as": LIVE})
    return World(shipped, tuple(find_entities(docs)), labels, held_back, live)


def write_texts(folder: Path, world: World) -> Path:
    """The folder of shipped texts of this world, with the fairness pairs of the real one."""
    folder.mkdir()
    for kind, rows in (("first", world.shipped), ("heldback", world.held_back)):
        by_route: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            by_route[find_route(row)].append(json.dumps(_dump(row), ensure_ascii=False))
        for route, lines in by_route.items():
            (folder / f"{kind}.{route}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    pairs = (TEXTS / "counterfactual.jsonl").read_text(encoding="utf-8")
    (folder / "counterfactual.jsonl").write_text(pairs, encoding="utf-8")
    return folder


def decide(store: Store, world: World, seed: int, flipped: str = "", share: float = 0.3) -> None:
    """Sixty decisions a language by a careful analyst, on documents that came in an order drawn by `seed`.

    In the language `flipped` that share of the verdicts is the wrong way round.
    """
    chance = random.Random(seed)  # noqa: S311  a repeatable choice, no secret
    store.models.save(LIVE, "relevance", {"base": SHIPPED}, world.live)
    store.models.record("relevance", LIVE, "promote")
    chosen: list[Document] = []
    for route in ROUTES:
        own = [doc for doc in world.documents if find_route(world.labels[doc.id]) == route]
        chosen += chance.sample(own, min(DECISIONS_PER_ROUTE, len(own)))
    chance.shuffle(chosen)
    dated = [replace(doc, fetched_at=FETCHED + timedelta(hours=number)) for number, doc in enumerate(chosen)]
    for number, doc in enumerate(dated):
        store.pages.save(make_page(_number(doc)), "x.warc.gz", number)
    store.documents.save(dated)
    for doc in dated:
        row = world.labels[doc.id]
        wrong = find_route(row) == flipped and chance.random() < share
        store.desk.decide(doc.id, "zarina", "relevant" if row.relevant != wrong else "not-relevant")


def count_decisions(store: Store) -> int:
    """How many documents were decided on."""
    return len(store.desk.verdicts())


def _make_document(number: int, row: Row) -> Document:
    page = make_page(number)
    return Document(
        id=page.id,
        url=page.url,
        source="sinov",
        fetched_at=FETCHED,
        title=row.title,
        text=row.text,
        language=row.language,
        script=row.script,
        language_confidence=1.0,
        cluster_id=f"{row.family}-{find_route(row)}",
    )


def _number(doc: Document) -> int:
    return int(doc.url.rsplit("/", 1)[1])


def _dump(row: Row) -> dict[str, object]:
    names: Iterable[str] = ("id", "language", "script", "title", "text", "relevance", "genre", "negative_class")
    return {name: getattr(row, name) for name in names} | {"topics": list(row.topics)}
