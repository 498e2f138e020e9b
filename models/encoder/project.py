"""Bring the sentence vectors back into the full model's space: the linear map that training only approaches, solved exactly.

    python -m models.encoder.project CHECKPOINT TEACHER.npz

Ridge regression from the pooled vectors of the int8 graph to the teacher's, both without their means: vectors of this family
crowd around one direction, which hides the neighbours. Writes the map into the checkpoint's heads.safetensors; export again
afterwards.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoder.encode import Encoder
from models.encoder.export import export, write_manifest
from models.encoder.train import load, save

RIDGE = 0.1
Matrix = NDArray[Any]


def solve(pooled: Matrix, wanted: Matrix, ridge: float = RIDGE) -> tuple[Matrix, Matrix]:
    """(weight [size, size], bias [size]) such that `weight @ pooled + bias` comes near the centred `wanted`; rows are texts."""
    middle = pooled.mean(0)
    centred = pooled - middle
    gram = centred.T @ centred + ridge * np.eye(pooled.shape[1])
    weight = np.linalg.solve(gram, centred.T @ (wanted - wanted.mean(0))).T
    return weight, -weight @ middle


def project(checkpoint: Path, teacher: Path) -> None:
    """Fit the map and save it in the checkpoint."""
    import torch

    data = np.load(teacher, allow_pickle=False)
    texts = [(str(language), str(text)) for language, text in zip(data["languages"], data["texts"], strict=True)]
    model = load(checkpoint)
    size = model.encoder.config.hidden_size
    model.projection.weight.data, model.projection.bias.data = torch.eye(size), torch.zeros(size)
    with TemporaryDirectory() as name:
        folder = Path(name)
        export(model, folder / "encoder.onnx")
        (folder / "tokenizer.json").write_bytes((checkpoint / "tokenizer.json").read_bytes())
        write_manifest(folder, model, "0")
        pooled = Encoder(folder).embed(texts)
    weight, bias = solve(pooled.astype(np.float64), data["embeddings"].astype(np.float64))
    model.projection.weight.data, model.projection.bias.data = torch.from_numpy(weight).float(), torch.from_numpy(bias).float()
    save(model, checkpoint)


if __name__ == "__main__":
    project(Path(sys.argv[1]), Path(sys.argv[2]))
