"""Make the encoder from nothing, step by step as recipe.toml says; a step whose output is there is not repeated.

    python -m models.encoder.build WORK [--data FOLDER] [--weights e5-small-q4.bin --tokenizer tokenizer.json]

Without `--weights` the model comes from the hub. `--data` (or XABAR_EVAL_DATA) is the folder of the third-party texts.
"""

import argparse
import os
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from models.encoder import align_fit, convert, export, project, prune, teach, train

ROOT = Path(__file__).parents[2]
RECIPE = Path(__file__).with_name("recipe.toml")


def find_files(patterns: Iterable[str], data: Path) -> list[str]:
    """The files of the recipe, sorted within each pattern. Ends with a readable line when a pattern finds none."""
    found: list[str] = []
    for pattern in patterns:
        base = ROOT if pattern.startswith("models/") else data
        files = sorted(map(str, base.glob(pattern)))
        if not files:
            raise SystemExit(f"recipe.toml: no file {pattern!r} under {base}; name the folder of the texts with --data")
        found.extend(files)
    return found


def build(work: Path, data: Path, source: list[str], recipe: dict[str, Any]) -> None:
    """Run every step whose output is missing."""
    full, pruned, teacher, trained = work / "full", work / "pruned", work / "teacher.npz", work / "trained"
    excluded = ["--exclude", str(data / "eval" / "exclude.sha256")]
    convert.main([str(full), *source])
    if not (pruned / "coverage.json").exists():
        sizes = ["--layers", str(recipe["prune"]["layers"]), "--pieces", str(recipe["prune"]["pieces"])]
        prune.main([str(full), str(pruned), "--texts", *find_files(recipe["prune"]["texts"], data), *sizes])
    texts = find_files(recipe["teach"]["texts"], data)
    teach.main([str(full), str(teacher), "--texts", *texts, "--each", str(recipe["teach"]["each"]), *excluded])
    settings = recipe["train"]
    fit = [f"{path}:{weight}" for pattern, weight in settings["fit"].items() for path in find_files([pattern], data)]
    options = [part for name in ("steps", "seed", "rate") for part in (f"--{name}", str(settings[name]))]
    dev = ["--dev", *find_files(settings["dev"], data)]
    train.main([str(pruned), str(trained), "--fit", *fit, "--teacher", str(teacher), *dev, *options, *excluded])
    if not (work / "projected").exists():
        project.project(trained, teacher)
        (work / "projected").touch()
    export.main([str(trained)])
    parallel = find_files(recipe["align"]["texts"], data)
    align_fit.main([str(teacher), *parallel, "--pooled", str(work / "pooled.npz")])


def main(arguments: list[str]) -> None:
    """The command of the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("work", type=Path)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("XABAR_EVAL_DATA", ".")))
    parser.add_argument("--weights")
    parser.add_argument("--tokenizer")
    chosen = parser.parse_args(arguments)
    chosen.work.mkdir(parents=True, exist_ok=True)
    source = ["--weights", chosen.weights, "--tokenizer", chosen.tokenizer] if chosen.weights else []
    build(chosen.work, chosen.data, source, tomllib.loads(RECIPE.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main(sys.argv[1:])
