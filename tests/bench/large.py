"""The queue at ten million documents: rows laid down in bulk, short titles in the place of texts, then the questions of growth.

    python -m tests.bench.large [DOCUMENTS] [--db FILE]

One document in twenty is flagged. Saving is not measured here, and neither is search, whose time goes with the words of the
texts: both are in `tests.bench.growth`. Ten million take about ten minutes and 10 GB.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.growth import ask
from tests.bench_review import make_database

WORDS = 6


def measure(documents: int, path: Path | None = None) -> dict[str, Any]:
    """Seconds of filling, size, and p50 and p95 in ms of what the queue is asked."""
    with tempfile.TemporaryDirectory() as folder:
        here, begun = path or Path(folder) / "large.db", time.perf_counter()
        if not here.exists():
            make_database(here, documents, WORDS)
        filled = time.perf_counter() - begun
        asked = {name: times for name, times in ask(here).items() if not name.startswith("search")}
        size = round(here.stat().st_size / 1e6)
        return {"documents": documents, "fill_s": round(filled), "file_mb": size, "questions_ms": asked}


def main() -> None:
    """Print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=int, nargs="?", default=10_000_000)
    parser.add_argument("--db", type=Path, help="keep the database here")
    chosen = parser.parse_args()
    print(json.dumps(measure(chosen.documents, chosen.db)))


if __name__ == "__main__":
    main()
