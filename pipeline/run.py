"""The road of one document: the stages in order, and what happens to a page that breaks one of them.

Start reading here. A stage takes a batch and returns a batch of the same length and order; an item that ends there comes
back as Skipped. A stage that raises has its batch halved until the culprit stands alone, which is quarantined.
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Any

from pipeline.classify import Judge, classify
from pipeline.cluster import Index, cluster
from pipeline.entities import find_entities
from pipeline.evidence import read_page
from pipeline.extract import extract
from pipeline.extract.repeated import Memory
from pipeline.extract.zone import find_zone
from pipeline.gate import drop_promotional, enforce
from pipeline.language import detect_language
from pipeline.live import load_judge
from pipeline.names import find_names
from pipeline.records import Outcome, Page, Quarantined, Reason, Skipped, Stage, Stop
from pipeline.score import Priority, make_score
from pipeline.store import Store
from pipeline.store.clusters import MemoryIndex
from pipeline.store.pages import PageRef

# Written for this project. Every stage must manage this page: if it does not, the stage is broken and not the batch.
SAMPLE_TEXT = (
    "Toshkent shahrida yangi kutubxona ochildi. Kutubxonada bolalar va kattalar uchun yigirma mingdan ortiq kitob bor. "
    "Ochilish marosimida shahar aholisi, oʻqituvchilar va yozuvchilar qatnashdi. Kutubxona har kuni ertalab soat "
    "toʻqqizdan kechki sakkizgacha ishlaydi, aʼzo boʻlish bepul. Kelgusi yilda bu yerda til kurslari ham ochiladi."
)
SAMPLE = Page(
    url="https://sample.invalid/kutubxona",
    source="sample",
    fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    headers={"Content-Type": "text/html; charset=utf-8"},
    body=f"<html lang='uz'><head><title>Yangi kutubxona ochildi</title></head><body><article><h1>Yangi kutubxona ochildi</h1>"
    f"<p>{SAMPLE_TEXT}</p><p>{SAMPLE_TEXT}</p></article></body></html>".encode(),
)


class BrokenStage(Stop):
    """A stage fails on everything, the sample page included: going on would quarantine the whole archive."""


def make_stages(
    flag_at: float,
    index: Index | None = None,
    judge: Judge | None = None,
    priority: Priority | None = None,
    *,
    cascade: bool = True,
    zone_of: Callable[[str], tzinfo | None] = lambda _: None,
    memory: Memory | None = None,
) -> tuple[Stage, ...]:
    """The stages in order; each fills its own field of the document. Without an index, copies meet in this process only.

    Without a judge the shipped relevance model is asked; `zone_of` and `memory` are what extract knows of sources.
    """
    gather = partial(cluster, index=MemoryIndex() if index is None else index)
    read, first = partial(extract, zone_of=zone_of, memory=memory), partial(classify, judge=judge)
    closer = partial(find_names, cascade=cascade)
    rank = partial(make_score, flag_at=flag_at, priority=priority)
    return (read, detect_language, gather, find_entities, first, drop_promotional, closer, rank)


def process(batch: Sequence[Any], stages: Sequence[Stage]) -> list[Outcome]:
    """Every item of the batch ends in exactly one outcome, in the order of the batch. Raises BrokenStage."""
    items: list[Any] = list(batch)
    for number, stage in enumerate(stages):
        live = [place for place, item in enumerate(items) if not isinstance(item, Skipped | Quarantined)]
        if not live:
            break
        done = _run_stage(stage, [items[place] for place in live])
        if all(isinstance(item, Quarantined) for item in done):
            _check_stage(stages, number, done)
        for place, item in zip(live, done, strict=True):
            items[place] = item
    return items


def run(
    store: Store,
    *,
    flag_at: float,
    batch_size: int,
    retry: bool = False,
    again: bool = False,
    cascade: bool = True,
    persons: str = "gazetteer",
    priority: Priority | None = None,
) -> Iterator[list[Outcome]]:
    """Analyse the pages without an outcome; yields each batch once it is saved. May be killed and run again at any moment."""
    if persons == "all":
        store.ledger.record("persons", "every person found is stored, by [store] persons = 'all'")
    zone_of = partial(_find_zone, store)
    stages = make_stages(
        flag_at, store.clusters, load_judge(store), priority, cascade=cascade, zone_of=zone_of, memory=store.lines
    )
    for refs in store.pages.pending(batch=batch_size, retry=retry, again=again):
        pages = _run_stage(partial(_read_pages, store), refs)
        broken = [page for page in pages if isinstance(page, Quarantined)]
        outcomes = broken + process([page for page in pages if isinstance(page, Page)], stages)
        store.documents.save(outcomes, replace=retry or again, persons=persons)
        if any(isinstance(outcome, Skipped) and outcome.reason is Reason.PROMOTIONAL for outcome in outcomes):
            enforce(store)
        yield outcomes


def _find_zone(store: Store, source: str) -> tzinfo | None:
    return find_zone(store.ledger.source(source).get("country", ""))


def _read_pages(store: Store, refs: Sequence[PageRef]) -> list[Page]:
    return [read_page(store.evidence_folder, ref) for ref in refs]


def _run_stage(stage: Stage, batch: Sequence[Any]) -> list[Any]:
    try:
        done = list(stage(batch))
        if len(done) != len(batch):
            raise ValueError(f"stage {_name(stage)} returned {len(done)} items for {len(batch)}")
    except Stop:
        raise
    except Exception as error:  # noqa: BLE001  the one broad except: whatever a stage raises must not cost its neighbours
        if len(batch) == 1:
            return [Quarantined(batch[0].id, _name(stage), f"{type(error).__name__}: {error}", traceback.format_exc())]
        half = len(batch) // 2
        return _run_stage(stage, batch[:half]) + _run_stage(stage, batch[half:])
    return done


def _check_stage(stages: Sequence[Stage], number: int, done: Sequence[Quarantined]) -> None:
    sample: list[Any] = [SAMPLE]
    for stage in stages[: number + 1]:
        sample = _run_stage(stage, sample)
        if isinstance(sample[0], Skipped):
            return
    if isinstance(sample[0], Quarantined):
        raise BrokenStage(
            f"stage {_name(stages[number])} fails on every page, the built-in sample included: {done[0].error}; "
            "nothing of this batch was saved"
        )


def _name(stage: Callable[..., Any]) -> str:
    inner = stage.func if isinstance(stage, partial) else stage
    return str(getattr(inner, "__name__", type(inner).__name__)).lstrip("_")
