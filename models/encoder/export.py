"""From a trained checkpoint to what ships: encoder as int8 ONNX, tokenizer, entity heads, and a manifest with the hashes.

    python -m models.encoder.export CHECKPOINT [--out models/encoder] [--heads models/entities/heads.safetensors]

The graph of encoder.onnx takes `numbers` and `mask` [batch, tokens], that of graph.onnx (fuse.py), which is run, takes `numbers`
[1, tokens]; they give `hidden` [batch, tokens, size] and `vector` [batch, size] (unit
length). Weights are quantised per channel to 7 of 8 bits: processors without VNNI add pairs of products in 16 bits, which 8
bits overflow.
"""

import argparse
import hashlib
import json
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from models import LANGUAGES
from models.encoder.fuse import fuse
from models.encoder.train import CONVENTIONS, Model, load
from models.entities.decode import LABELS

RECIPE = Path(__file__).with_name("recipe.toml")
NAMES = ("encoder.onnx", "graph.onnx", "tokenizer.json")


class _Graph(nn.Module):
    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, numbers: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = self.model(numbers, mask)
        return hidden, self.model.embed(hidden, mask)


def export(model: Model, target: Path, *, quantise: bool = True) -> None:
    """Write the graph; int8 unless told otherwise, and then the fused graph around its weights beside it."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    model.eval()
    model.encoder.config._attn_implementation = "eager"  # the export traces plain matrix products
    example = torch.full((2, 16), 5), torch.ones((2, 16), dtype=torch.long)
    axes = {name: {0: "batch", 1: "tokens"} for name in ("numbers", "mask", "hidden")} | {"vector": {0: "batch"}}
    names = {"input_names": ["numbers", "mask"], "output_names": ["hidden", "vector"]}
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder) / "plain.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(_Graph(model), example, str(plain), **names, dynamic_axes=axes, opset_version=17, dynamo=False)
        if not quantise:
            target.write_bytes(plain.read_bytes())
            return
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(str(ready), str(target), weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    fuse(target.parent)


def export_heads(model: Model, target: Path, offsets: Mapping[str, Mapping[str, float]]) -> None:
    """The shared head plus each language's correction, one matrix a language; `offsets` by language and kind ("O": no name)."""
    from safetensors.numpy import save_file

    shared, offset = model.head.weight.data.numpy(), model.head.bias.data.numpy()
    rows = [CONVENTIONS.index(language) for language in LANGUAGES]
    weights = shared[None] + model.corrections.data.numpy()[rows]
    biases = offset[None] + model.offsets.data.numpy()[rows]
    for language, kinds in offsets.items():
        for kind, added in kinds.items():
            biases[LANGUAGES.index(language), [label.endswith(kind) for label in LABELS]] += added
    tensors: dict[str, Any] = {"weight": weights.astype(np.float32), "bias": biases.astype(np.float32)}
    save_file(tensors, str(target), metadata={"languages": " ".join(LANGUAGES)})


def write_manifest(folder: Path, model: Model, version: str) -> None:
    """Name, version, shape and the SHA-256 of each file: what the loader checks."""
    config = model.encoder.config
    shape = {"layers": config.num_hidden_layers, "size": config.hidden_size, "pieces": config.vocab_size}
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in NAMES}
    text = json.dumps({"name": "encoder", "version": version, **shape, "sha256": files}, indent=1)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def main(arguments: list[str]) -> None:
    """The command of the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=Path("models/encoder"))
    parser.add_argument("--heads", type=Path, default=Path("models/entities/heads.safetensors"))
    parser.add_argument("--version", default="1")
    chosen = parser.parse_args(arguments)
    model = load(chosen.checkpoint)
    chosen.out.mkdir(parents=True, exist_ok=True)
    export(model, chosen.out / "encoder.onnx")
    (chosen.out / "tokenizer.json").write_bytes((chosen.checkpoint / "tokenizer.json").read_bytes())
    export_heads(model, chosen.heads, tomllib.loads(RECIPE.read_text(encoding="utf-8"))["offsets"])
    write_manifest(chosen.out, model, chosen.version)


if __name__ == "__main__":
    main(sys.argv[1:])
