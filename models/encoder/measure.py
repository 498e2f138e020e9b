"""What the shipped encoder costs and keeps: retrieval across languages, speed, load time and memory.

    python -m models.encoder.measure SIB200.tsv.gz... [--full CHECKPOINT]

The files are SIB-200's, of which the first is compared with the others (sentences meet by `index_id`). `--full` is the unpruned
checkpoint of convert.py, read by torch, to compare with.
"""

import argparse
import csv
import gzip
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoder.align import load_aligner
from models.encoder.encode import Encoder, count_cores, load_encoder
from models.entities.tag import Tagger

LANGUAGES = {"tgk": "tg", "uzn": "uz", "rus": "ru", "eng": "en"}
ROUNDS = 7
TEXT = {
    "uz": "Samarqand viloyatida yangi maktab ochildi va unda uch yuz nafar oʻquvchi tahsil oladi. ",
    "ru": "В Самаркандской области открылась новая школа, в которой будут учиться триста детей. ",
}


def read_sentences(path: Path) -> tuple[str, dict[str, str]]:
    """(language, sentence by index_id) of one SIB-200 file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = {row["index_id"]: row["text"] for row in csv.DictReader(lines, delimiter="\t")}
    return LANGUAGES[path.name.split(".")[1][:3]], rows


def count_found(first: NDArray[Any], second: NDArray[Any]) -> float:
    """The share of sentences whose nearest one in the other language is their own translation, both ways."""
    similar = first @ second.T
    own = np.arange(len(first))
    return float(((similar.argmax(1) == own).mean() + (similar.argmax(0) == own).mean()) / 2)


def embed_full(checkpoint: Path, texts: list[tuple[str, str]]) -> NDArray[Any]:
    """The unpruned model's vectors."""
    from tempfile import TemporaryDirectory

    from models.encoder.teach import teach

    with TemporaryDirectory() as folder:
        teach(checkpoint, Path(folder) / "full.npz", texts)
        vectors: NDArray[Any] = np.load(Path(folder) / "full.npz")["embeddings"].astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def measure_retrieval(paths: list[Path], full: Path | None) -> list[str]:
    """A line per pair of languages."""
    lines = []
    (name, first), *others = (read_sentences(path) for path in paths)
    for other, second in others:
        both = sorted(first.keys() & second.keys())
        left, right = [(name, first[key]) for key in both], [(other, second[key]) for key in both]
        encoder, aligner = load_encoder(), load_aligner()
        line = f"{name}-{other}: {len(both)} sentences, top-1 {count_found(aligner.embed(left), aligner.embed(right)):.3f}"
        line += f", not aligned {count_found(encoder.embed(left), encoder.embed(right)):.3f}"
        if full:
            line += f", full model {count_found(embed_full(full, left), embed_full(full, right)):.3f}"
        lines.append(line)
    return lines


def measure_speed() -> list[str]:
    """Documents of 200 tokens a second with the entity head, one document's latency, load time and peak memory."""
    began = time.perf_counter()
    encoder = Encoder()
    tagger = Tagger(encoder)
    loaded = time.perf_counter() - began
    texts = [(language, _fill(encoder, language, text)) for language, text in TEXT.items()] * 32
    tagger.find(texts[:2])
    many = sorted(_time(lambda: tagger.find(texts)) for _ in range(ROUNDS))
    single = sorted(_time(lambda: tagger.find(texts[:1])) for _ in range(ROUNDS * 3))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        f"{count_cores()} cores: {len(texts) / many[-1]:.1f} / {len(texts) / many[ROUNDS // 2]:.1f} / {len(texts) / many[0]:.1f}"
        f" documents of 200 tokens a second (least, median, most of {ROUNDS} rounds)",
        f"one document: {single[0] * 1000:.0f} / {single[len(single) // 2] * 1000:.0f} ms (least, median); "
        f"load {loaded:.2f} s; peak memory {memory:.0f} MB",
    ]


def _fill(encoder: Encoder, language: str, sentence: str) -> str:
    text = sentence
    while len(encoder.read([(language, text)])[0].offsets) < 200:
        text += sentence
    return text


def _time(action: Any) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def main(arguments: list[str]) -> None:
    """The command of the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("texts", type=Path, nargs="*")
    parser.add_argument("--full", type=Path)
    chosen = parser.parse_args(arguments)
    lines = measure_speed() + (measure_retrieval(chosen.texts, chosen.full) if chosen.texts else [])
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
