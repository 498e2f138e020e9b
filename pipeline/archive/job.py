"""`xabar archive`: the passes in order. May be killed at any moment and run again; at most one unit per process is repeated."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from pipeline.archive.item import Item, iter_lines
from pipeline.archive.order import apply, iter_analysed, learn
from pipeline.archive.output import Output, import_arrow, sweep
from pipeline.archive.plan import ANALYSE, READ, Plan
from pipeline.archive.pool import Pool
from pipeline.config import Config, make_priority
from pipeline.records import Stop
from pipeline.run import make_road
from pipeline.store.copies import CopyIndex

Show = Callable[[str, int, int], None]  # what is being done, how many units are done, of how many


def find_segments(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The WARC files among these files and folders, in order. Raises Stop for what is not there, and where there is none."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise Stop(f"{path}: no such file or folder")
        inside = sorted(one for one in path.rglob("*") if one.name.endswith((".warc", ".warc.gz"))) if path.is_dir() else [path]
        found += inside
    if not found:
        raise Stop(f"{', '.join(map(str, paths))}: no .warc or .warc.gz there")
    return tuple(path.resolve() for path in found)


def make_archive(plan: Plan, pool: Pool, config: Config, show: Show = lambda *_: None) -> dict[str, int]:
    """Read, analyse, write. Returns counts: found, left, documents, flagged, skipped, quarantined."""
    import_arrow()
    _do(plan, pool, READ, list(range(len(plan.segments))), show)
    road = make_road(config.score.flag_at)
    parts = learn(plan, road.learn)
    _do(plan, pool, ANALYSE, parts, show)
    summary = _write(plan, config, parts, show)
    plan.finish(summary)
    shutil.rmtree(plan.work)
    return summary


def _do(plan: Plan, pool: Pool, leg: str, numbers: Sequence[int], show: Show) -> None:
    missing = [number for number in numbers if not plan.file(leg, number).is_file()]
    done = len(numbers) - len(missing)
    for _number in pool.each(leg, missing):
        done += 1
        show(leg, done, len(numbers))


def _write(plan: Plan, config: Config, parts: Sequence[int], show: Show) -> dict[str, int]:
    output = Output(plan, persons=config.store.persons, retention_days=config.retention.days)
    sweep(plan)
    summary: Counter[str] = Counter(dict.fromkeys(("documents", "flagged", "skipped", "quarantined"), 0))
    with CopyIndex.open(plan.work / "copies.db") as index:
        settle = make_road(config.score.flag_at, index, None, make_priority(config.score)).settle
        for number, items in _by_segment(plan, iter_analysed(plan, parts)):
            if not output.has(number):
                index.forget([item.id for item in items])
                output.write(number, list(apply(items, settle, plan.batch_size, index.save)))
            summary.update(output.count(number))
            show("write", number + 1, len(plan.segments))
    heads = [next(iter_lines(plan.bad(number)), {}) for number in range(len(plan.segments))]
    summary["found"] = sum(head.get("found", 0) for head in heads)
    for head in heads:
        summary.update({f"left: {reason}": count for reason, count in head.get("left", {}).items()})
    return dict(summary)


def _by_segment(plan: Plan, items: Iterator[Item]) -> Iterator[tuple[int, list[Item]]]:
    """Every segment with its items; one without items too."""
    groups = groupby(items, key=lambda item: item.segment)
    following = next(groups, None)
    for number in range(len(plan.segments)):
        if following and following[0] == number:
            yield number, list(following[1])
            following = next(groups, None)
        else:
            yield number, []
