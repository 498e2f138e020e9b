"""Keep the layers and the pieces that four languages need.

    python -m models.encoder.prune CHECKPOINT OUT --texts FILE... [--layers 7] [--pieces 48000]

Pieces are kept by count over the texts, then by their score in the full vocabulary where they are Latin or Cyrillic; single
characters of the Latin, Cyrillic and Arabic scripts stay whatever their count, so that a rare word falls into shorter pieces
and not into <unk>. One text in twenty is not counted and tells how much is covered.
"""

import argparse
import json
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from models import LANGUAGES
from models.encoder.corpus import read_texts
from models.encoder.normalise import normalise

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
SCRIPTS = ("LATIN", "CYRILLIC", "ARABIC", "DIGIT")
MOST_PER_LANGUAGE = 60_000


def choose_pieces(vocabulary: Iterable[tuple[str, float]], counts: Counter[str], wanted: int) -> list[str]:
    """The pieces to keep, in the order of the old vocabulary; special pieces and single letters of our scripts always."""
    scores = dict(vocabulary)
    pieces = list(scores)
    always = {piece for piece in pieces if piece in SPECIAL or _is_letter(piece)}
    others = (piece for piece in pieces if piece not in always and (piece in counts or _is_word(piece)))
    ranked = sorted(others, key=lambda piece: (-counts[piece], -scores[piece], piece))
    kept = always | set(ranked[: max(0, wanted - len(always))])
    return [piece for piece in pieces if piece in kept]


def prune_tokenizer(tokenizer: dict[str, Any], kept: list[str]) -> dict[str, Any]:
    """The tokenizer.json with these pieces only; scores stay, numbers become new."""
    number = {piece: place for place, piece in enumerate(kept)}
    scores = dict(tokenizer["model"]["vocab"])
    tokenizer["model"]["vocab"] = [[piece, scores.get(piece, 0.0)] for piece in kept]
    tokenizer["model"]["unk_id"] = number["<unk>"]
    for token in tokenizer["added_tokens"]:
        token["id"] = number[token["content"]]
    for special in tokenizer["post_processor"]["special_tokens"].values():
        special["ids"] = [number[token] for token in special["tokens"]]
    tokenizer["padding"] = tokenizer["truncation"] = None
    return tokenizer


def _is_letter(piece: str) -> bool:
    bare = piece.removeprefix("▁")
    return len(bare) <= 1 and (not bare or ord(bare) < 128 or unicodedata.name(bare, "").startswith(SCRIPTS))


def _is_word(piece: str) -> bool:
    return all(unicodedata.name(letter, "").startswith(("LATIN", "CYRILLIC")) for letter in piece.removeprefix("▁"))


def _count(tokenizer: Any, paths: list[Path]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    counted: Counter[str] = Counter()
    held_back: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    seen: Counter[str] = Counter()
    for path in paths:
        for language, text in read_texts(path):
            if language not in LANGUAGES or seen[language] >= MOST_PER_LANGUAGE:
                continue
            seen[language] += 1
            pieces = tokenizer.encode(normalise(text, language)[0], add_special_tokens=False).tokens
            (held_back[language] if seen[language] % 20 == 0 else counted).update(pieces)
    return counted, held_back


def prune(checkpoint: Path, target: Path, texts: list[Path], layers: int, wanted: int) -> dict[str, float]:
    """Write the smaller checkpoint. Returns the share of held-back pieces that is kept, per language."""
    import torch
    from tokenizers import Tokenizer
    from transformers import BertModel

    full = json.loads((checkpoint / "tokenizer.json").read_text(encoding="utf-8"))
    counted, held_back = _count(Tokenizer.from_file(str(checkpoint / "tokenizer.json")), texts)
    old = [piece for piece, _ in full["model"]["vocab"]]
    kept = choose_pieces(full["model"]["vocab"], counted, wanted)
    model = BertModel.from_pretrained(checkpoint, add_pooling_layer=False)
    number = {piece: place for place, piece in enumerate(old)}
    rows = torch.tensor([number[piece] for piece in kept])
    table = model.embeddings.word_embeddings.weight.data[rows].clone()
    padding = kept.index("<pad>")
    model.embeddings.word_embeddings = torch.nn.Embedding(*table.shape, padding_idx=padding, _weight=table)
    model.encoder.layer = model.encoder.layer[:layers]
    model.config.update({"vocab_size": len(kept), "num_hidden_layers": layers, "pad_token_id": padding})
    model.save_pretrained(target)
    pruned = json.dumps(prune_tokenizer(full, kept), ensure_ascii=False, separators=(",", ":"))
    (target / "tokenizer.json").write_text(pruned, encoding="utf-8")
    known = set(kept)
    return {
        language: sum(count for piece, count in counts.items() if piece in known) / max(1, counts.total())
        for language, counts in held_back.items()
    }


def main(arguments: list[str]) -> None:
    """The command of the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--layers", type=int, default=7)
    parser.add_argument("--pieces", type=int, default=48_000)
    chosen = parser.parse_args(arguments)
    covered = prune(chosen.checkpoint, chosen.out, chosen.texts, chosen.layers, chosen.pieces)
    (chosen.out / "coverage.json").write_text(json.dumps(covered, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(covered) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
