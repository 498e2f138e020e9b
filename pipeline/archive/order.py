"""What goes by what came earlier: repeated lines between the passes, copies and scores after them. One process, in order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from pipeline.archive.item import Item, read_items, write_items
from pipeline.archive.plan import ANALYSE, PART_BATCHES, READ, Plan
from pipeline.batch import process
from pipeline.records import Document, Stage


def learn(plan: Plan, stages: Sequence[Stage]) -> list[int]:
    """Cut what was read into parts for the second pass, without the lines that sites repeat. Returns their numbers."""
    ready = plan.work / "parts"
    if ready.is_file():
        return list(range(int(ready.read_text())))
    items = apply(_iter_new(plan), stages, plan.batch_size)
    count = 0
    while part := list(islice(items, PART_BATCHES * plan.batch_size)):
        write_items(plan.part(count), part)
        count += 1
    partial = Path(f"{ready}.partial")
    partial.write_text(str(count))
    partial.replace(ready)
    return list(range(count))


def iter_analysed(plan: Plan, parts: Sequence[int]) -> Iterator[Item]:
    """The items of the second pass in their order."""
    for number in parts:
        yield from read_items(plan.file(ANALYSE, number))


def apply(
    items: Iterable[Item],
    stages: Sequence[Stage],
    batch_size: int,
    save: Callable[[list[Document]], None] = lambda _: None,
) -> Iterator[Item]:
    """Take items through stages batch by batch; `save` is given the documents of each batch."""
    stream = iter(items)
    while batch := list(islice(stream, batch_size)):
        outcomes = process([item.outcome for item in batch], stages)
        save([outcome for outcome in outcomes if isinstance(outcome, Document)])
        yield from (replace(item, outcome=outcome) for item, outcome in zip(batch, outcomes, strict=True))


def _iter_new(plan: Plan) -> Iterator[Item]:
    """What was read, in the order of the segments; the same bytes from the same address count once."""
    known: set[str] = set()
    for number in range(len(plan.segments)):
        for item in read_items(plan.file(READ, number)):
            if item.id not in known:
                known.add(item.id)
                yield item
