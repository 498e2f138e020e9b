"""The road of one document: the stages in order, and what happens to a page that breaks one of them.

Start reading here. A stage takes a batch and returns a batch of the same length and order; an item that ends there comes
back as Skipped. A stage that raises has its batch halved until the culprit stands alone, which is quarantined.
"""

import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.classify import Judge, classify
from pipeline.cluster import Index, cluster
from pipeline.crew import Alone, Crew, Processes, Work
from pipeline.entities import find_entities
from pipeline.evidence import read_page
from pipeline.extract import extract
from pipeline.extract.repeated import Memory, drop_repeated
from pipeline.extract.zone import find_zone
from pipeline.gate import drop_promotional, enforce
from pipeline.language import detect_language
from pipeline.live import load_judge
from pipeline.names import find_names
from pipeline.records import Document, Outcome, Page, Quarantined, Reason, Skipped, Stage, Stop
from pipeline.score import Priority, make_score
from pipeline.store import Store
from pipeline.store.clusters import MemoryIndex
from pipeline.store.lines import MemoryLines
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


READ, ANALYSE, CHECK = "extract", "analysis", "check"  # what a crew is asked to do; the first two also name a quarantine


@dataclass(frozen=True, slots=True)
class Road:
    """The stages in order, in four legs: `read` and `analyse` know only the item before them, so several processes may do them;
    `learn` and `settle` go by what came earlier, so one process does them in order."""

    read: tuple[Stage, ...]
    learn: tuple[Stage, ...]
    analyse: tuple[Stage, ...]
    settle: tuple[Stage, ...]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All of them."""
        return (*self.read, *self.learn, *self.analyse, *self.settle)


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
    return make_road(flag_at, index, judge, priority, cascade=cascade, zone_of=zone_of, memory=memory).stages


def make_road(
    flag_at: float,
    index: Index | None = None,
    judge: Judge | None = None,
    priority: Priority | None = None,
    *,
    cascade: bool = True,
    zone_of: Callable[[str], tzinfo | None] = lambda _: None,
    memory: Memory | None = None,
) -> Road:
    """The same by legs."""
    first, closer = partial(classify, judge=judge), partial(find_names, cascade=cascade)
    return Road(
        read=(partial(extract, zone_of=zone_of),),
        learn=(partial(drop_repeated, memory=MemoryLines() if memory is None else memory),),
        analyse=(detect_language, find_entities, first, drop_promotional, closer),
        settle=(
            partial(cluster, index=MemoryIndex() if index is None else index),
            partial(make_score, flag_at=flag_at, priority=priority),
        ),
    )


def process(batch: Sequence[Any], stages: Sequence[Stage], before: Sequence[Stage] = ()) -> list[Outcome]:
    """Every item of the batch ends in exactly one outcome, in the order of the batch. Raises BrokenStage.

    `before`: the stages that the items have behind them.
    """
    items: list[Any] = list(batch)
    for number, stage in enumerate(stages):
        live = [place for place, item in enumerate(items) if not isinstance(item, Skipped | Quarantined)]
        if not live:
            break
        done = _run_stage(stage, [items[place] for place in live])
        if all(isinstance(item, Quarantined) for item in done):
            _check_stage((*before, *stages[: number + 1]), done)
        for place, item in zip(live, done, strict=True):
            items[place] = item
    return items


@dataclass(frozen=True, slots=True)
class Pure:
    """What the two pure legs need; travels to other processes, and `make` builds there what does the work."""

    folder: Path
    judge: Judge | None
    cascade: bool
    countries: Mapping[str, str]

    def make(self) -> Work:
        """The callable that a crew asks for a leg."""
        road = make_road(0.5, judge=self.judge, cascade=self.cascade, zone_of=partial(_find_zone, self.countries))
        return partial(_work, self.folder, road)


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
    jobs: int = 1,
) -> Iterator[list[Outcome]]:
    """Analyse the pages without an outcome; yields each batch once it is saved. May be killed and run again at any moment.

    With several `jobs` that many processes do the pure stages, and this one the rest: the rows are the same.
    """
    if persons == "all":
        store.ledger.record("persons", "every person found is stored, by [store] persons = 'all'")
    pure = Pure(store.evidence_folder, load_judge(store), cascade, store.ledger.countries())
    road = make_road(flag_at, store.clusters, pure.judge, priority, cascade=cascade, memory=store.lines)
    with _hire(pure, jobs) as crew:
        for items in _read_ahead(crew, store.pages.pending(batch=batch_size, retry=retry, again=again)):
            outcomes = _finish(crew, road, items)
            store.documents.save(outcomes, replace=retry or again, persons=persons)
            if any(isinstance(outcome, Skipped) and outcome.reason is Reason.PROMOTIONAL for outcome in outcomes):
                enforce(store)
            yield outcomes


def _hire(pure: Pure, jobs: int) -> Crew:
    return Processes(jobs, pure.make, (CHECK, SAMPLE)) if jobs > 1 else Alone(pure.make)


def _read_ahead(crew: Crew, batches: Iterable[list[PageRef]]) -> Iterator[list[Any]]:
    """The batches in order, extracted, while the crew reads the next ones."""
    under_way: deque[Callable[[], list[Any]]] = deque()
    for refs in batches:
        under_way.append(crew.start(READ, refs))
        if len(under_way) > crew.ahead:
            yield under_way.popleft()()
    while under_way:
        yield under_way.popleft()()


def _finish(crew: Crew, road: Road, items: Sequence[Any]) -> list[Outcome]:
    learned = process(items, road.learn, road.read)
    docs = [item for item in learned if isinstance(item, Document)]
    analysed = iter(crew.start(ANALYSE, docs, urgent=True)())
    merged = [next(analysed) if isinstance(item, Document) else item for item in learned]
    return process(merged, road.settle, (*road.read, *road.learn, *road.analyse))


def _work(folder: Path, road: Road, leg: str, items: Sequence[Any]) -> list[Any]:
    if leg == CHECK:
        return process(items, (*road.read, *road.analyse))
    if leg == READ:
        return process(_run_stage(partial(_read_pages, folder), items), road.read)
    done = process(items, road.analyse, road.read)
    # What the encoder made of a text is large, and nobody behind this leg reads it.
    return [replace(item, vectors=None) if isinstance(item, Document) else item for item in done]


def _find_zone(countries: Mapping[str, str], source: str) -> tzinfo | None:
    return find_zone(countries.get(source, ""))


def _read_pages(folder: Path, refs: Sequence[PageRef]) -> list[Page]:
    return [read_page(folder, ref) for ref in refs]


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


def _check_stage(stages: Sequence[Stage], done: Sequence[Quarantined]) -> None:
    sample: list[Any] = [SAMPLE]
    for stage in stages:
        sample = _run_stage(stage, sample)
        if isinstance(sample[0], Skipped):
            return
    if isinstance(sample[0], Quarantined):
        raise BrokenStage(
            f"stage {_name(stages[-1])} fails on every page, the built-in sample included: {done[0].error}; "
            "nothing of this batch was saved"
        )


def _name(stage: Callable[..., Any]) -> str:
    inner = stage.func if isinstance(stage, partial) else stage
    return str(getattr(inner, "__name__", type(inner).__name__)).lstrip("_")
