"""What a run was made of: data, code, parameters and seeds, as one record whose hash is the model's id."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import gazetteer
import models
from pipeline import __version__

ROOMS = (Path(models.__file__).parent, Path(gazetteer.__file__).parent)
CODE = ("*.py", "*.toml", "*.yaml")  # what decides what a model reads; the shipped weights are named by `base`


def make_manifest(task: str, base: str, data: Mapping[str, Any], parameters: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The manifest; `id` is the task and the first ten digits of the hash of everything else."""
    facts = {
        "task": task,
        "base": base,
        "data": dict(data),
        "parameters": dict(parameters),
        "seed": seed,
        "code": {
            "version": __version__,
            "sha256": hash_files(path for room in ROOMS for kind in CODE for path in room.rglob(kind)),
        },
    }
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True)
    return {"id": f"{task}-{sha256(text.encode()).hexdigest()[:10]}", **facts}


def hash_files(paths: Iterable[Path]) -> str:
    """One hash over the contents of files, in the order of their paths."""
    found = sha256()
    for path in sorted(paths):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
