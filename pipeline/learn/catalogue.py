"""The trained models of a database, and where two of them disagree."""

from pathlib import Path
from typing import Any

from pipeline.learn.loop import Show, find_task, read_artefact
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.models import SHIPPED


def list_trained(database: Path) -> list[dict[str, Any]]:
    """One row per trained model: id, task, made_at, base, state (live, refused, promoted before, evaluated, trained)."""
    if not database.is_file():
        return []
    with Store.open(database) as store:
        past = {row.model_id: row.action for row in store.models.promotions() if row.action != "rollback"}
        return [
            {
                "id": model.id,
                "task": model.task,
                "made_at": model.made_at,
                "base": model.manifest["base"],
                "state": "live" if store.models.live(model.task) == model.id else STATES[past.get(model.id, "")],
            }
            for model in store.models.all()
        ]


STATES = {"promote": "was live", "refuse": "refused", "": "not promoted"}


def find_differences(store: Store, one: str, other: str, show: Show) -> list[dict[str, Any]]:
    """Stored documents on which the verdicts differ: id, title, language, before, after, why; the biggest change first."""
    task = _find_common_task(store, one, other)
    steps = find_task(task)
    judges = [steps.make_judge(None if name == SHIPPED else read_artefact(store, task, name)) for name in (one, other)]
    docs = list(store.documents.all())
    rows = []
    for done, doc in enumerate(docs, 1):
        row = steps.tell_difference(doc, *judges)
        if row:
            rows.append({"id": doc.id, "title": doc.title, "language": doc.language} | row)
        show("comparing", done, len(docs))
    return sorted(rows, key=lambda row: -row["change"])


def _find_common_task(store: Store, *names: str) -> str:
    tasks = set()
    for name in names:
        if name != SHIPPED:
            model = store.models.load(name)
            if model is None:
                raise Stop(f"model {name!r} is not in {store.path} ('xabar models list' shows those that are)")
            tasks.add(model.task)
    if len(tasks) != 1:
        raise Stop(f"{' and '.join(names)}: name at least one trained model, and both of one task")
    return tasks.pop()
