"""What a second process is worth: `xabar run --jobs 1` and `--jobs 2` on the same pages, in turn.

    python -m tests.bench.jobs FOLDER JOBS

runs once and prints JSON. Wall times mean something on an idle machine only; the processor seconds of all processes, and of the
one that writes, say what more cores could give on any.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from pipeline.config import load_config, make_priority
from pipeline.run import run
from tests.bench.candidate import make_archive, read_pages

PAGES = 480
FIRST, LAST = 0.25, 0.85  # the part of a run in which every process has work, whatever starting costs


def measure(folder: Path, rounds: int) -> dict[str, Any]:
    """Medians over rounds of one and two processes in turn; `times` is the median of the ratios of each round."""
    found: list[dict[int, dict[str, Any]]] = []
    for _ in range(rounds):
        found.append({jobs: _start(folder, jobs) for jobs in (1, 2)})
        print(json.dumps(found[-1]), file=sys.stderr, flush=True)
    return summarise(found)


def summarise(rounds: Sequence[dict[int, dict[str, Any]]]) -> dict[str, Any]:
    """What the rounds say together."""
    return {
        "pages": rounds[0][1]["pages"],
        "times": round(median(one[2]["pages_per_s"] / one[1]["pages_per_s"] for one in rounds), 2),
        "cpu_ratio": round(median(one[2]["cpu_seconds"] / one[1]["cpu_seconds"] for one in rounds), 3),
        "writer_share": round(median(one[2]["writer_cpu_seconds"] / one[2]["cpu_seconds"] for one in rounds), 3),
        "peak_mb": {jobs: round(median(one[jobs]["peak_mb"] for one in rounds)) for jobs in (1, 2)},
    }


def run_once(folder: Path, jobs: int) -> dict[str, Any]:
    """One run; pages per second in its middle part."""
    pages = read_pages(folder)
    many = [replace(pages[n % len(pages)], url=f"https://h.invalid/{n}") for n in range(PAGES)]
    settings, done, moments = load_config(), 0, [(0, 0.0)]
    with make_archive(many) as store:
        started = time.perf_counter()
        for batch in run(
            store, flag_at=settings.score.flag_at, batch_size=settings.run.batch_size, priority=make_priority(settings.score),
            jobs=jobs,
        ):  # fmt: skip
            done += len(batch)
            moments.append((done, time.perf_counter() - started))
    middle = [moment for moment in moments if FIRST <= moment[0] / PAGES <= LAST]
    own, children = (_add(resource.getrusage(who)) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    peaks = [resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "pages": done, "seconds": round(moments[-1][1], 2), "cpu_seconds": round(own + children, 2),
        "pages_per_s": round((middle[-1][0] - middle[0][0]) / (middle[-1][1] - middle[0][1]), 2),
        "writer_cpu_seconds": round(own, 2), "peak_mb": peaks[0] + (peaks[1] * jobs if jobs > 1 else 0),
    }  # fmt: skip


def _start(folder: Path, jobs: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.jobs", str(folder), str(jobs)]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def _add(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("jobs", type=int)
    chosen = parser.parse_args()
    print(json.dumps(run_once(chosen.folder, chosen.jobs)))
