"""The road of one document: the stages in order, and who does them. Start reading here; batch.py says what a stage is."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from models.entities.tag import Heads
from pipeline.batch import SAMPLE, process, run_stage
from pipeline.classify import Judge, classify, reconsider
from pipeline.cluster import Index, cluster
from pipeline.crew import Alone, Crew, Processes, Work
from pipeline.entities import find_entities
from pipeline.evidence import read_page
from pipeline.extract import extract
from pipeline.extract.repeated import Memory, drop_repeated
from pipeline.extract.zone import find_zone
from pipeline.gate import drop_promotional, enforce
from pipeline.language import detect_language
from pipeline.live import load_heads, load_judge, load_shifts
from pipeline.names import find_names
from pipeline.records import Document, Layout, Outcome, Page, Reason, Skipped, Stage
from pipeline.score import Priority, make_score
from pipeline.store import Store
from pipeline.store.clusters import MemoryIndex
from pipeline.store.lines import MemoryLines
from pipeline.store.pages import PageRef
from pipeline.translation import Index as Tellings
from pipeline.translation import find_translations

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


def make_road(
    flag_at: float,
    index: Index | None = None,
    judge: Judge | None = None,
    priority: Priority | None = None,
    *,
    cascade: bool = True,
    zone_of: Callable[[str], tzinfo | None] = lambda _: None,
    memory: Memory | None = None,
    layout_of: Callable[[str], Layout | None] = lambda _: None,
    lists: Sequence[Path] = (),
    shifts: Mapping[str, float] | None = None,
    tellings: Tellings | None = None,
    heads: Heads | None = None,
) -> Road:
    """The stages by legs; each fills its own field of the document. Without an index, copies meet in this process only.

    Without a judge the shipped relevance model is asked; `zone_of`, `memory` and `layout_of` are what extract knows of sources,
    `lists` the operator's own names, `shifts` what a retrained language model changes, `heads` retrained ones for names.
    Without `tellings` the same story is not looked for in other languages.
    """
    languages = partial(detect_language, shifts=shifts) if shifts else detect_language
    first, again = partial(classify, judge=judge), partial(reconsider, judge=judge, cascade=cascade)
    closer = partial(find_names, cascade=cascade, heads=heads)
    return Road(
        read=(partial(extract, zone_of=zone_of, layout_of=layout_of),),
        learn=(partial(drop_repeated, memory=MemoryLines() if memory is None else memory),),
        analyse=(languages, partial(find_entities, lists=lists), first, drop_promotional, again, closer),
        settle=(
            partial(cluster, index=MemoryIndex() if index is None else index),
            partial(make_score, flag_at=flag_at, priority=priority),
            *([partial(find_translations, index=tellings)] if tellings else []),
        ),
    )


@dataclass(frozen=True, slots=True)
class Pure:
    """What the two pure legs need; travels to other processes, and `make` builds there what does the work."""

    folder: Path
    judge: Judge | None
    cascade: bool
    countries: Mapping[str, str]
    layouts: Mapping[str, Layout]
    lists: tuple[Path, ...] = ()
    shifts: Mapping[str, float] | None = None
    heads: Heads | None = None

    def make(self) -> Work:
        """The callable that a crew asks for a leg."""
        zone_of = partial(find_country_zone, self.countries)
        road = make_road(
            0.5,
            judge=self.judge,
            cascade=self.cascade,
            zone_of=zone_of,
            layout_of=self.layouts.get,
            lists=self.lists,
            shifts=self.shifts,
            heads=self.heads,
        )
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
    lists: tuple[Path, ...] = (),
    jobs: int = 1,
) -> Iterator[list[Outcome]]:
    """Analyse the pages without an outcome; yields each batch once it is saved. May be killed and run again at any moment.

    With several `jobs` that many processes do the pure stages, and this one the rest: the rows are the same.
    """
    if persons == "all":
        store.ledger.record("persons", "every person found is stored, by [store] persons = 'all'")
    ledger = store.ledger
    shifts, heads = load_shifts(store), load_heads(store)
    pure = Pure(
        store.evidence_folder, load_judge(store), cascade, ledger.countries(), ledger.layouts(), lists, shifts, heads
    )
    road = make_road(
        flag_at, store.clusters, pure.judge, priority, cascade=cascade, memory=store.lines, lists=lists, shifts=shifts,
        tellings=store.tellings, heads=pure.heads,
    )  # fmt: skip
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
        return process(run_stage(partial(_read_pages, folder), items), road.read)
    done = process(items, road.analyse, road.read)
    # What the encoder made of a text is large, and nobody behind this leg reads it.
    return [replace(item, vectors=None) if isinstance(item, Document) else item for item in done]


def find_country_zone(countries: Mapping[str, str], source: str) -> tzinfo | None:
    """The clock of a source, by the countries of all sources."""
    return find_zone(countries.get(source, ""))


def _read_pages(folder: Path, refs: Sequence[PageRef]) -> list[Page]:
    return [read_page(folder, ref) for ref in refs]
