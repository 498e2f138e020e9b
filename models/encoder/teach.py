"""What the full model says of many texts, for the smaller one to imitate: mean-pooled, unit length.

    python -m models.encoder.teach CHECKPOINT OUT.npz --texts FILE... [--each 900]

Texts of SIB-200 are taken whole (they are parallel in all our languages), of every other file at most `--each` a language,
drawn by the hash of the text. Killed and started again it goes on where it was.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models import LANGUAGES
from models.encoder.corpus import load_excluded, make_key, read_texts
from models.encoder.normalise import normalise

PREFIX = "query: "
MOST_TOKENS = 96
BATCH = 32
SAVE_EVERY = 20


def choose_texts(paths: Sequence[Path], each: int, excluded: frozenset[str]) -> list[tuple[str, str]]:
    """(language, text) without doubles and without what is excluded."""
    chosen: dict[str, str] = {}
    for path in paths:
        found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
        for language, text in read_texts(path):
            if language in found and 20 <= len(text) <= 400 and make_key(text) not in excluded:
                found[language].append(text)
        for language, texts in found.items():
            ranked = texts if path.name.startswith("sib200") else sorted(texts, key=_hash)[:each]
            chosen |= dict.fromkeys(ranked, language)
    return sorted(((language, text) for text, language in chosen.items()), key=lambda item: (len(item[1]), item[1]))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def teach(checkpoint: Path, target: Path, texts: list[tuple[str, str]]) -> None:
    """Write `texts`, `languages` and `embeddings` (float16, one row a text) to an .npz file."""
    import torch
    from transformers import BertModel, PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(checkpoint / "tokenizer.json"), pad_token="<pad>")  # noqa: S106  # a token of text
    model = BertModel.from_pretrained(checkpoint, add_pooling_layer=False).eval()
    done: list[Any] = list(np.load(target, allow_pickle=False)["embeddings"]) if target.exists() else []
    for number, first in enumerate(range(len(done), len(texts), BATCH)):
        batch = [PREFIX + normalise(text, language)[0] for language, text in texts[first : first + BATCH]]
        read = tokenizer(batch, return_tensors="pt", padding=True, truncation=True, max_length=MOST_TOKENS)
        read.pop("token_type_ids", None)
        with torch.no_grad():
            hidden = model(**read).last_hidden_state
        mask = read["attention_mask"][:, :, None].float()
        pooled = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)
        done.extend(pooled.half().numpy())
        if number % SAVE_EVERY == SAVE_EVERY - 1 or len(done) == len(texts):
            _save(target, texts[: len(done)], done)
            sys.stderr.write(f"{len(done)} of {len(texts)} texts\n")


def _save(target: Path, texts: list[tuple[str, str]], rows: list[Any]) -> None:
    half = target.with_suffix(".half.npz")
    languages, written = zip(*texts, strict=True)
    np.savez(half, texts=np.array(written), languages=np.array(languages), embeddings=np.stack(rows))
    half.replace(target)


def main(arguments: list[str]) -> None:
    """The command of the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--each", type=int, default=900)
    parser.add_argument("--exclude", type=Path)
    chosen = parser.parse_args(arguments)
    teach(chosen.checkpoint, chosen.out, choose_texts(chosen.texts, chosen.each, load_excluded(chosen.exclude)))


if __name__ == "__main__":
    main(sys.argv[1:])
