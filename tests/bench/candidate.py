"""xabar as one candidate: HTML files to committed rows, in a process of its own; prints one line of JSON.

    python -m tests.bench.candidate FOLDER [--variant cascade|screening|all] [--dump FILE]

The archive is made and the models are warmed before the clock runs. `screening` leaves the encoder out, `all` has it read
every document of ours.
"""

import argparse
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from pipeline.batch import process
from pipeline.cascade import is_worded
from pipeline.config import load_config, make_priority
from pipeline.evidence import EvidenceWriter, read_page
from pipeline.records import Document, Page
from pipeline.run import make_road
from pipeline.store import Store

VARIANTS = ("cascade", "screening", "all")
FETCHED = datetime(2026, 9, 22, 10, 0, tzinfo=UTC)
WARM_UP = 10
ENCODER = ("find_names", "reconsider")  # what the first asks, the second need not


class Laps:
    """Processor seconds by what they went into."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._since = time.process_time()

    def note(self, name: str) -> None:
        """What passed since the last note went into this."""
        now = time.process_time()
        self.seconds[name] += now - self._since
        self._since = now


def read_pages(folder: Path) -> list[Page]:
    """The files of a folder as fetched pages."""
    headers = {"Content-Type": "text/html"}
    return [
        Page(f"https://{number % 8}.bench.invalid/{path.name}", f"bench-{number % 8}", FETCHED, headers, path.read_bytes())
        for number, path in enumerate(sorted(folder.glob("*.html")))
    ]


@contextmanager
def make_archive(pages: Sequence[Page]) -> Iterator[Store]:
    """A database and its WARC file with these pages, in a folder that goes at the end."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "x.db", create=True) as store:
        with EvidenceWriter(store.evidence_folder) as writer:
            for page in pages:
                store.pages.save(page, *writer.append(page))
        yield store


def analyse(store: Store, variant: str, laps: Laps) -> dict[str, Any]:
    """Every waiting page, stage by stage, as `xabar run` does it; counts and texts."""
    settings = load_config()
    road = make_road(
        settings.score.flag_at,
        store.clusters,
        None,
        make_priority(settings.score),
        cascade=variant != "all",
        memory=store.lines,
    )
    stages = [(_name(stage), stage) for stage in road.stages if variant != "screening" or _name(stage) not in ENCODER]
    characters, named = 0, 0
    texts: dict[str, str] = {}
    read: set[str] = set()
    for refs in store.pages.pending(batch=settings.run.batch_size):
        items: list[Any] = [read_page(store.evidence_folder, ref) for ref in refs]
        laps.note("read")
        for name, stage in stages:
            items = process(items, [stage])
            laps.note(name)
            if name == "drop_repeated":
                found = {ref.url: item for ref, item in zip(refs, items, strict=True) if isinstance(item, Document)}
                characters += sum(len(item.text) for item in found.values())
                texts |= {url.rpartition("/")[2].removesuffix(".html"): item.text for url, item in found.items()}
            if name in ENCODER:
                docs = [item for item in items if isinstance(item, Document)]
                tagged = {doc.id for doc in docs if doc.vectors is not None}
                read |= tagged | {doc.id for doc in docs if is_worded(doc)}
                named += len(tagged)
        laps.note("counting")
        store.documents.save(items)
        laps.note("save")
    del laps.seconds["counting"]
    return {"characters": characters, "encoded": len(read), "named": named, "texts": texts}


def measure(folder: Path, variant: str, dump: Path | None) -> dict[str, Any]:
    """One run over the folder."""
    pages = read_pages(folder)
    with make_archive(pages[:: max(1, len(pages) // WARM_UP)]) as store:
        analyse(store, variant, Laps())
    with make_archive(pages) as store:
        laps, wall = Laps(), time.perf_counter()
        counts = analyse(store, variant, laps)
        wall = time.perf_counter() - wall
    if dump:
        dump.write_text(json.dumps(counts["texts"], ensure_ascii=False), encoding="utf-8")
    seconds = sum(laps.seconds.values())
    return {
        "name": f"xabar {variant}",
        "pages": len(pages),
        "seconds": round(wall, 3),
        "cpu_seconds": round(seconds, 3),
        "pages_per_cpu_s": round(len(pages) / seconds, 2),
        "peak_rss_mb": read_peak_mb(),
        "characters": counts["characters"],
        "encoded": counts["encoded"],
        "named": counts["named"],
        "stages_cpu_s": {name: round(value, 4) for name, value in laps.seconds.items()},
    }


def read_peak_mb() -> int:
    """This process's own peak memory; what getrusage says would include the parent's before the exec."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def _name(stage: Any) -> str:
    return str(getattr(stage, "func", stage).__name__)


def main() -> None:
    """Print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--variant", choices=VARIANTS, default="cascade")
    parser.add_argument("--dump", type=Path)
    chosen = parser.parse_args()
    print(json.dumps(measure(chosen.folder, chosen.variant, chosen.dump)))


if __name__ == "__main__":
    main()
