"""Make the shipped weights: `python -m pipeline.learn.ship --data FOLDER --out models/relevance/weights.json`.

From the texts written for the project and, in FOLDER, real ones that may train what ships (train/relevance.*.jsonl). What is
learned from the real ones is also kept as a memory, so that `xabar models train` starts from it without them. The same texts
give the same bytes.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from models.relevance.dataset import Row, halve_titles, make_key, read_allowed_rows, read_texts
from models.relevance.train import dump, make_memory, prepare, train_prepared
from pipeline.learn.snapshot import HELD_BACK, SEEDS, TEXTS, add_hits


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, train, write."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.learn.ship", description="Make the shipped weights.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    options.out.write_text(ship(read_shippable(options.data)), encoding="utf-8")


def read_shippable(data: Path, texts: Path = TEXTS) -> list[Row]:
    """Every text that may train what ships, with its hits; none that is held back, and each once."""
    barred = {make_key(row.text) for row in read_texts(texts, HELD_BACK)}
    rows = {make_key(row.text): row for row in [*read_allowed_rows(data, {}), *read_texts(texts, SEEDS)] if not row.doubt}
    return add_hits(row for key, row in rows.items() if key not in barred)


def ship(rows: Sequence[Row]) -> str:
    """The text of the weights file."""
    data = prepare(halve_titles(rows))
    weights = train_prepared(data, {})
    return dump(weights | {"memory": make_memory(data, weights, lambda row: row.source != "written")})


if __name__ == "__main__":
    main()
