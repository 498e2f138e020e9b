"""Train, evaluate, promote, roll back: the same four steps for every task, everything kept in the store and as files."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from models.encoder.encode import BrokenModel, find_name, load_encoder
from models.relevance.wording import States
from pipeline.learn import language, names, relevance
from pipeline.learn.manifest import make_manifest
from pipeline.learn.report import write_report
from pipeline.learn.snapshot import TEXTS, Snapshot
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.models import SHIPPED, Trained

SNAPSHOT, MANIFEST, EVALUATION, REPORT = "snapshot.jsonl", "manifest.json", "evaluation.json", "report.html"
SEED = 7
Show = Callable[[str, int, int], None]


# A task is a module with PARAMETERS and take_snapshot, open_snapshot, train, read_shipped, evaluate, make_judge, tell_difference.
TASKS = {"relevance": relevance, "language": language, "entities": names}


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where models are made: the store, the folder of shipped texts, perhaps further texts, and who is told how far it is.

    With `states` the wording of texts is learned too; without, the evidence alone.
    """

    store: Store
    show: Show
    texts: Path = TEXTS
    data: Path | None = None
    states: States | None = None

    @property
    def folder(self) -> Path:
        """Beside the database: one folder per model."""
        return self.store.path.with_name(self.store.path.stem + "-models")


def open_states() -> States:
    """The states of texts; the encoder is loaded when the first is asked for. Raises Stop when it is damaged."""
    try:
        return States(lambda texts: load_encoder().read(texts), find_name())
    except BrokenModel as error:
        raise Stop(str(error)) from error


def train(shop: Workshop, task: str, seed: int = SEED) -> Trained:
    """Snapshot, train, keep. The same data, code and seed are the same model, so a run that was killed may be run again."""
    steps = find_task(task)
    live = shop.store.models.live(task)
    shop.show("snapshot", 0, 1)
    snapshot = steps.take_snapshot(shop.store, shop.texts, shop.data)
    shop.show("snapshot", 1, 1)
    data = {"sha256": snapshot.sha256, "items": snapshot.count(), "left_out": dict(snapshot.left_out)}
    manifest = make_manifest(task, live, data, steps.PARAMETERS | {"encoder": shop.states.name if shop.states else ""}, seed)
    known = shop.store.models.load(manifest["id"])
    folder = shop.folder / manifest["id"]
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / SNAPSHOT, "\n".join(snapshot.lines()) + "\n")
    if known is None:
        artefact = steps.train(snapshot, read_artefact(shop.store, task, live), manifest, shop.show, shop.states)
        manifest |= {"artefact_sha256": sha256(artefact.encode()).hexdigest()}
        shop.store.models.save(manifest["id"], task, manifest, artefact)
        known = _load(shop.store, manifest["id"])
    _write(folder / MANIFEST, _dump(known.manifest))
    return known


def evaluate(shop: Workshop, model_id: str) -> dict[str, Any]:
    """Compare with the live model on the items that were frozen when this model was trained. Keeps and returns the report."""
    model = _load(shop.store, model_id)
    steps, live = find_task(model.task), shop.store.models.live(model.task)
    known = shop.store.models.evaluation(model_id, live)
    if known is None:
        snapshot = _open_snapshot(shop, model)
        artefacts = [read_artefact(shop.store, model.task, name) for name in (live, model.manifest["base"])]
        known = steps.evaluate(snapshot, model.artefact, *artefacts, model.manifest, shop.texts, shop.show, shop.states)
        known |= {"model": model_id, "against": live, "task": model.task}
        shop.store.models.add_evaluation(model_id, live, known)
    folder = shop.folder / model_id
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / EVALUATION, _dump(known))
    _write(folder / REPORT, write_report(model, known))
    return known


def promote(shop: Workshop, model_id: str) -> list[str]:
    """Make a model live, or refuse and return the reasons. Both are recorded."""
    model = _load(shop.store, model_id)
    if shop.store.models.live(model.task) == model_id:
        raise Stop(f"{model_id} is live already")
    objections: list[str] = evaluate(shop, model_id)["objections"]
    shop.store.models.record(model.task, model_id, "refuse" if objections else "promote", objections)
    return objections


def rollback(store: Store, task: str) -> tuple[str, str]:
    """Go back to the model that was live before. Returns (what was live, what is live now). Raises Stop when there is none."""
    find_task(task)
    states = [SHIPPED]
    for promotion in store.models.promotions(task):
        if promotion.action == "promote":
            states.append(promotion.model_id)
        elif promotion.action == "rollback":
            states.pop()
    if len(states) == 1:
        raise Stop(f"{task}: the shipped model is live, there is nothing to go back to")
    store.models.record(task, states[-2], "rollback")
    return states[-1], states[-2]


def read_artefact(store: Store, task: str, model_id: str) -> str:
    """The artefact of a trained model, or of the shipped one. Raises Stop for an unknown id."""
    return find_task(task).read_shipped() if model_id == SHIPPED else _load(store, model_id).artefact


def find_task(task: str) -> Any:
    """The module of a task. Raises Stop for an unknown one."""
    if task not in TASKS:
        raise Stop(f"--task {task!r} is unknown (known: {', '.join(TASKS)})")
    return TASKS[task]


def _open_snapshot(shop: Workshop, model: Trained) -> Snapshot:
    path = shop.folder / model.id / SNAPSHOT
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Stop(f"{path}: cannot be read ({error.strerror}); 'xabar models train' makes a new model and snapshot") from error
    if sha256("\n".join(lines).encode()).hexdigest() != model.manifest["data"]["sha256"]:
        raise Stop(f"{path}: not the snapshot that {model.id} was trained on; 'xabar models train' makes a new model")
    snapshot: Snapshot = find_task(model.task).open_snapshot(shop.store, lines, shop.texts, shop.data)
    return snapshot


def _load(store: Store, model_id: str) -> Trained:
    model = store.models.load(model_id)
    if model is None:
        raise Stop(f"model {model_id!r} is not in {store.path} ('xabar models list' shows those that are)")
    return model


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _write(path: Path, text: str) -> None:
    """Whole or not at all: a kill leaves the old file."""
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
