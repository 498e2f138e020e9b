"""What starting costs: processor seconds of commands that do next to nothing."""

import json
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.bench.crawl import run_child

LINE = {"id": "1", "text": "Toshkent shahrida yangi kutubxona ochildi."}


def measure(rounds: int) -> dict[str, float]:
    """Medians in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "one.jsonl").write_text(json.dumps(LINE), encoding="utf-8")
        commands = {"xabar --help": ["--help"], "xabar scan, one text": ["scan", "one.jsonl"]}
        return {
            name: round(median(run_child([sys.executable, "-m", "pipeline.cli", *words], here) for _ in range(rounds)), 2)
            for name, words in commands.items()
        }
