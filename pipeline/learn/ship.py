"""Make the shipped weights: `python -m pipeline.learn.ship --data FOLDER --out models/relevance/weights.json`.

`--basis models/relevance/basis.safetensors` makes the coordinates of the wording anew, which a new encoder asks for.

From the texts written for the project and, in FOLDER, real ones that may train what ships (train/relevance.*.jsonl). What is
learned from the real ones is also kept as a memory, so that `xabar models train` starts from it without them. The same texts
give the same bytes.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.encoder.encode import load_encoder
from models.relevance.basis import PATH, Basis, load_basis, read_probe
from models.relevance.dataset import Row, halve_titles, make_key, read_allowed_rows, read_texts
from models.relevance.train import Show, dump, make_memory, prepare, train_prepared
from models.relevance.wording import Floats, States
from pipeline.learn.snapshot import HELD_BACK, SEEDS, TEXTS, add_hits

COORDINATES = 128


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, train, write."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.learn.ship", description="Make the shipped weights.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--basis", type=Path, help="make the coordinates of the wording anew, and write them here")
    options = parser.parse_args(arguments)
    rows, encoder = read_shippable(options.data), load_encoder()
    states = States(encoder.read, encoder.name)
    if options.basis:
        found = np.stack([states.find(row.language, row.title, row.text).state for row in rows])
        save_basis(make_basis(found, read_probe(encoder.read)), options.basis)
    options.out.write_text(ship(rows, states, load_basis(options.basis or PATH), _show), encoding="utf-8")


def _show(done: int, total: int) -> None:
    if done % 500 == 0 or done == total:
        sys.stderr.write(f"read {done} of {total}\n")


def read_shippable(data: Path | None, texts: Path = TEXTS) -> list[Row]:
    """Every text that may train what ships, with its hits; none that is held back, and each once."""
    barred = {make_key(row.text) for row in read_texts(texts, HELD_BACK)}
    further = read_allowed_rows(data, {}) if data else []
    rows = {make_key(row.text): row for row in [*further, *read_texts(texts, SEEDS)] if not row.doubt}
    return add_hits(row for key, row in rows.items() if key not in barred)


def make_basis(states: Floats, probe: Floats) -> Basis:
    """The directions in which these states differ most, scaled so that texts stand about 1 apart in each."""
    mean = states.mean(0)
    axes = np.linalg.svd(states - mean, full_matrices=False)[2][:COORDINATES]
    # The sign of a direction is chance: the same texts shall give the same bytes.
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(1)])[:, None]
    return Basis(mean, axes / ((states - mean) @ axes.T).std(0).mean(), probe)


def save_basis(basis: Basis, path: Path) -> None:
    """Half precision is enough for directions."""
    from safetensors.numpy import save_file

    tensors = {"mean": basis.mean, "axes": basis.axes, "probe": basis.probe}
    save_file({name: np.ascontiguousarray(value, dtype=np.float16) for name, value in tensors.items()}, str(path))


def ship(rows: Sequence[Row], states: States | None = None, basis: Basis | None = None, show: Show | None = None) -> str:
    """The text of the weights file; with `states`, weights for the wording too."""
    data = prepare(halve_titles(rows), show, states, basis)
    weights = train_prepared(data, {})
    gone = [row for row in rows if row.source != "written"]
    return dump(weights | {"memory": make_memory(data, weights, lambda row: row.source != "written") if gone else {}})


if __name__ == "__main__":
    main()
