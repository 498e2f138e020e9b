"""What a process does for an archive: read a segment, or take a part through the stages; one unit, one file."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.archive.item import Item, read_items, write_items, write_lines
from pipeline.archive.plan import ANALYSE, CHECK, READ, Plan
from pipeline.archive.segment import Bad, iter_pages
from pipeline.batch import SAMPLE, process
from pipeline.classify import Judge
from pipeline.crew import Work
from pipeline.importing import Imported, make_finder
from pipeline.records import Page, Quarantined
from pipeline.run import Road, find_country_zone, make_road

KILLER = "the process that worked on this page ended twice"


@dataclass(frozen=True, slots=True)
class Maker:
    """Builds in each process what does the work; models are loaded there once."""

    plan: Plan
    judge: Judge | None = None

    def make(self) -> Work:
        """(leg, numbers) -> what each unit says of itself."""
        countries = {name: source.country for name, source in self.plan.sources.items()}
        zone_of, plan = partial(find_country_zone, countries), self.plan
        layouts = {name: source.layout for name, source in plan.sources.items()}
        road = make_road(0.5, judge=self.judge, cascade=plan.cascade, zone_of=zone_of, layout_of=layouts.get, lists=plan.lists)
        return partial(_work, self.plan, road)


class Marker:
    """A small file that says which item is being worked on, and how often it was begun: an item that kills twice is left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = self._read()

    @property
    def killer(self) -> int | None:
        """The item that two earlier attempts ended with."""
        item, tries = self._before
        return item if tries >= 2 else None

    def note(self, item: int) -> None:
        """Work on this item begins."""
        tries = self._before[1] + 1 if self._before[0] == item else 1
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(handle, f"{item:020d} {tries:03d}".encode(), 0)
        finally:
            os.close(handle)

    def clear(self) -> None:
        """The unit is done."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> tuple[int, int]:
        try:
            item, tries = self._path.read_text().split()
        except (OSError, ValueError):
            return -1, 0
        return int(item), int(tries)


def _work(plan: Plan, road: Road, leg: str, numbers: Sequence[int]) -> list[Any]:
    if leg == CHECK:
        process([SAMPLE], (*road.read, *road.analyse))
        return list(numbers)
    unit = {READ: _read_segment, ANALYSE: _analyse_part}[leg]
    return [unit(plan, road, number) for number in numbers]


def _read_segment(plan: Plan, road: Road, number: int) -> dict[str, Any]:
    done, bad, marker = Imported(), [], Marker(plan.at(READ, number))

    def iter_items() -> Iterator[Item]:
        find = make_finder(plan.sources, plan.fixed)
        for found in iter_pages(plan.segments[number], find, done, leave=marker.killer, at=marker.note):
            if isinstance(found, Bad):
                bad.append(asdict(found))
            else:
                yield _make_item(number, *found, road)

    write_items(plan.file(READ, number), _count(iter_items(), done))
    write_lines(plan.bad(number), [{"left": dict(done.left), "found": done.found, "kept": done.stored}, *bad])
    marker.clear()
    return {"number": number, "found": done.found}


def _count(items: Iterator[Item], done: Imported) -> Iterator[Item]:
    for item in items:
        done.stored += 1
        yield item


def _make_item(segment: int, offset: int, page: Page, road: Road) -> Item:
    at = page.fetched_at.isoformat(timespec="seconds")
    outcome = process([page], road.read)[0]
    return Item(page.id, page.url, page.source, at, page.status, page.body_sha256, segment, offset, outcome)


def _analyse_part(plan: Plan, road: Road, number: int) -> dict[str, Any]:
    marker, done = Marker(plan.at(ANALYSE, number)), []
    for place, item in enumerate(read_items(plan.part(number))):
        if place == marker.killer:
            done.append(replace(item, outcome=Quarantined(item.id, ANALYSE, KILLER)))
            continue
        marker.note(place)
        done.append(replace(item, outcome=process([item.outcome], road.analyse, road.read)[0]))
    write_items(plan.file(ANALYSE, number), done)
    marker.clear()
    return {"number": number, "kinds": Counter(type(item.outcome).__name__ for item in done)}
