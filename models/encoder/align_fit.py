"""Train the map of align.py on the shipped encoder, whose states stay as they are.

    python -m models.encoder.align_fit TEACHER.npz SIB200.train.tsv.gz... --pooled POOLED.npz [--hold-out]

TEACHER.npz is what teach.py wrote; the SIB-200 files say which of its texts are translations of each other (`index_id`). The
encoder reads every text once, into POOLED.npz. A ridge regression to the full model's vectors, those of translations averaged,
is where training begins; then translations attract each other among 128 sentences (InfoNCE: van den Oord et al., 2018).
`--hold-out` leaves a seventh of the sentences out, measures on them and writes no map. Same data and seed, same weights.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import LANGUAGES
from models.encoder.align import FILE, pool
from models.encoder.encode import load_encoder
from models.encoder.measure import count_found, read_sentences

RIDGE = 0.01
PARALLEL_WEIGHT = 3.0
STEPS = 450
RATE = 0.009  # of the mean size of the map's numbers, a step of Adam; falls to a twentieth
ATTRACTION = 0.3
TEMPERATURE = 0.05
DROPOUT = 0.1
GROUPS, SINGLES = 128, 256
AVERAGED = 0.3  # the last part of the steps, whose weights are averaged
HELD_OUT_ONE_IN = 7
SEED = 0
BATCH = 64
Matrix = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Texts:
    """`pooled` [texts, 2 * size] is what the encoder said, `wanted` [texts, size] what the full model said.

    `languages` are names, `groups` numbers that translations share, -1 for a text without any.
    """

    pooled: Matrix
    wanted: Matrix
    languages: Matrix
    groups: Matrix

    def subtract_means(self, rows: Matrix) -> tuple[Matrix, dict[str, Matrix]]:
        """The rows without the mean of their language, and these means."""
        means = {language: rows[self.languages == language].mean(0) for language in LANGUAGES}
        return rows - np.stack([means[language] for language in self.languages]), means


def load_texts(teacher: Path, parallel: Sequence[Path], pooled: Path) -> Texts:
    """Read, or take from POOLED.npz what was read before."""
    data = np.load(teacher, allow_pickle=False)
    texts = [(str(language), str(text)) for language, text in zip(data["languages"], data["texts"], strict=True)]
    if not pooled.exists():
        encoder = load_encoder()
        batches = (encoder.read(texts[first : first + BATCH]) for first in range(0, len(texts), BATCH))
        np.savez(pooled, pooled=np.stack([pool(reading.hidden) for batch in batches for reading in batch]))
    ids = {(language, text): int(key) for language, rows in map(read_sentences, parallel) for key, text in rows.items()}
    groups = np.array([ids.get(pair, -1) for pair in texts])
    wanted = data["embeddings"].astype(np.float32)
    return Texts(np.load(pooled)["pooled"], wanted, np.array([language for language, _ in texts]), groups)


def fit(texts: Texts, *, held_out: bool = False) -> tuple[Matrix, Matrix]:
    """(map [2 * size, size], means [languages, 2 * size]); with `held_out` a seventh of the groups is not learned from."""
    spread = texts.pooled.std(0) + 1e-6
    pooled, means = texts.subtract_means(texts.pooled / spread)
    wanted = _average_groups(texts.subtract_means(texts.wanted)[0], texts.groups)
    kept = ~(is_held_out(texts.groups) & held_out)
    start = _solve(pooled[kept], wanted[kept], np.where(texts.groups[kept] >= 0, PARALLEL_WEIGHT, 1.0))
    found = _attract(start, pooled[kept], wanted[kept], texts.groups[kept])
    return found / spread[:, None], np.stack([means[language] * spread for language in LANGUAGES])


def is_held_out(groups: Matrix) -> Matrix:
    """Which texts a measurement on held-out groups keeps for itself."""
    return np.asarray((groups >= 0) & (groups % HELD_OUT_ONE_IN == 0))


def measure(texts: Texts, found: Matrix, means: Matrix) -> Mapping[str, float]:
    """Top-1 between English and each language on the held-out groups that are there in both."""
    vectors = texts.pooled - means[[LANGUAGES.index(language) for language in texts.languages]]
    vectors = vectors @ found
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows: dict[str, dict[int, int]] = defaultdict(dict)
    for place in np.flatnonzero(is_held_out(texts.groups)).tolist():
        rows[texts.languages[place]][int(texts.groups[place])] = place
    shares = {}
    for language in sorted(set(LANGUAGES) - {"en"}):
        both = sorted(rows["en"].keys() & rows[language].keys())
        if both:
            shares[language] = count_found(*(vectors[[rows[name][group] for group in both]] for name in ("en", language)))
    return shares


def _average_groups(rows: Matrix, groups: Matrix) -> Matrix:
    rows = rows.copy()
    for group in np.unique(groups[groups >= 0]):
        rows[groups == group] = rows[groups == group].mean(0)
    return rows


def _solve(pooled: Matrix, wanted: Matrix, weights: Matrix) -> Matrix:
    weighted = (pooled * weights[:, None]).T
    return np.asarray(np.linalg.solve(weighted @ pooled + RIDGE * len(pooled) * np.eye(pooled.shape[1]), weighted @ wanted))


def _attract(start: Matrix, pooled: Matrix, wanted: Matrix, groups: Matrix) -> Matrix:
    import torch
    from torch.nn import functional

    torch.manual_seed(SEED)
    draw = np.random.RandomState(SEED)
    members = {int(group): np.flatnonzero(groups == group) for group in np.unique(groups[groups >= 0])}
    usable = [group for group, places in members.items() if len(places) > 1]
    inputs = torch.tensor(pooled, dtype=torch.float32)
    targets = functional.normalize(torch.tensor(wanted, dtype=torch.float32), dim=1)
    weight = torch.tensor(start, dtype=torch.float32, requires_grad=True)
    optimizer = torch.optim.Adam([weight], lr=RATE * float(np.abs(start).mean()))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.05, 1 - step / STEPS))
    total, averaged = torch.zeros_like(weight), 0
    for step in range(STEPS):
        chosen = draw.choice(usable, min(GROUPS, len(usable)), replace=False)
        places = np.concatenate([members[group] for group in chosen])
        names = torch.tensor(groups[places])
        near = functional.normalize(functional.dropout(inputs[places], DROPOUT) @ weight, dim=1)
        own = torch.eye(len(places), dtype=torch.bool)
        same = (names[:, None] == names[None]) & ~own
        shares = (near @ near.T / TEMPERATURE).masked_fill(own, -1e4).log_softmax(1)
        attraction = -((shares * same).sum(1) / same.sum(1)).mean()
        singles = draw.choice(len(inputs), min(SINGLES, len(inputs)), replace=False)
        vectors = functional.normalize(functional.dropout(inputs[singles], DROPOUT) @ weight, dim=1)
        distance = 1 - (vectors * targets[singles]).sum(1).mean()
        optimizer.zero_grad()
        (ATTRACTION * attraction + distance).backward()
        optimizer.step()
        schedule.step()
        if step >= STEPS * (1 - AVERAGED):
            total, averaged = total + weight.detach(), averaged + 1
    return np.asarray((total / averaged).numpy())


def main(arguments: list[str]) -> None:
    """The command of the module docstring."""
    from safetensors.numpy import save_file

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("teacher", type=Path)
    parser.add_argument("parallel", type=Path, nargs="+")
    parser.add_argument("--pooled", type=Path, required=True)
    parser.add_argument("--hold-out", action="store_true")
    parser.add_argument("--out", type=Path, default=FILE)
    chosen = parser.parse_args(arguments)
    texts = load_texts(chosen.teacher, chosen.parallel, chosen.pooled)
    found, means = fit(texts, held_out=chosen.hold_out)
    if chosen.hold_out:
        sys.stdout.write(f"held-out translations, top-1 with English: {measure(texts, found, means)}\n")
        return
    tensors: dict[str, Any] = {"map": found.astype(np.float16), "means": means.astype(np.float32)}
    save_file(tensors, str(chosen.out), metadata={"languages": " ".join(LANGUAGES)})


if __name__ == "__main__":
    main(sys.argv[1:])
