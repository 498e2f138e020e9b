"""How fast beside langdetect, how long to start, how much memory (Linux): python -m models.language.speed TEXTS...

Both detectors read the same texts in turn, round by round, in one process and on one core; start-up and memory are those of a new
process that loads numpy and the profiles and reads one text; the memory is that of a text in the other script, too. Seconds are
those of the processor; a busy machine still slows the detector down more than langdetect, since others empty its caches.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import langdetect

from models.language.detect import load_detector
from models.language.evaluate import load_rows

CHARACTERS = 500
TEXTS = 100
ROUNDS = 7

# VmHWM, since getrusage counts the memory of the process that started this one as well.
_START = """
import time
from pathlib import Path
start = time.process_time()
from models.language.detect import load_detector
load_detector().detect("Salom, dunyo")
seconds = time.process_time() - start
load_detector().detect("Салом, дунё")
status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(seconds, int(status["VmHWM"].split()[0]) / 1024)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print least, median and most of the rounds as JSON; 2 with one line if there are not enough long texts."""
    parser = argparse.ArgumentParser(prog="python -m models.language.speed", description=__doc__)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--characters", type=int, default=CHARACTERS)
    options = parser.parse_args(arguments)
    rows = (row for path in options.texts for row in load_rows(path))
    texts = [text[: options.characters] for _, text in rows if len(text) >= options.characters][:TEXTS]
    if len(texts) < TEXTS // 2:
        sys.stderr.write(f"{len(texts)} texts of {options.characters} characters: give more or longer ones\n")
        return 2
    detect = load_detector().detect
    ratios = sorted(_time(langdetect.detect, texts) / _time(detect, texts) for _ in range(ROUNDS))
    starts = sorted(_start() for _ in range(ROUNDS))
    found = {
        "texts": len(texts),
        "times faster": [round(ratios[0], 1), round(statistics.median(ratios), 1), round(ratios[-1], 1)],
        "start-up seconds of the processor": [round(starts[0][0], 3), round(starts[ROUNDS // 2][0], 3), round(starts[-1][0], 3)],
        "megabytes": round(max(memory for _, memory in starts), 1),
    }
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def _time(detect: Callable[[str], object], texts: Sequence[str]) -> float:
    """Seconds of the processor, so that others on the same machine count little."""
    start = time.process_time()
    for text in texts:
        detect(text)
    return time.process_time() - start


def _start() -> tuple[float, float]:
    command = [sys.executable, "-c", _START]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # our own interpreter
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


if __name__ == "__main__":
    sys.exit(main())
