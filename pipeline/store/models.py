"""Trained models with their manifests, evaluations and promotions: everything is kept, so every change can be taken back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.store.chain import actor
from pipeline.store.connection import Connection, now
from pipeline.store.seal import append_row

SHIPPED = "shipped"  # the model that comes with xabar: what is live before the first promotion, and after the last rollback


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model. `artefact` is its weights as text, `manifest` what it was made of."""

    id: str
    task: str
    made_at: str
    manifest: dict[str, Any]
    artefact: str


@dataclass(frozen=True, slots=True)
class Promotion:
    """One change, or refused change, of what is live for a task."""

    id: int
    task: str
    model_id: str
    action: str
    reasons: tuple[str, ...]
    actor: str
    promoted_at: str


class Models:
    """The tables models, evaluations and promotions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, model_id: str, task: str, manifest: Mapping[str, Any], artefact: str) -> None:
        """Keep a trained model; the same id again changes nothing."""
        if self.load(model_id) is None:
            row = (model_id, task, now(), json.dumps(manifest, ensure_ascii=False, sort_keys=True), artefact)
            append_row(self._connection, actor(), "models", row)

    def load(self, model_id: str) -> Trained | None:
        """The model of this id, or None."""
        row = self._connection.one("SELECT * FROM models WHERE id = ?", model_id)
        return Trained(row["id"], row["task"], row["made_at"], json.loads(row["manifest"]), row["artefact"]) if row else None

    def all(self, task: str | None = None) -> list[Trained]:
        """Every trained model, oldest first; of one task if one is named."""
        rows = self._connection.all("SELECT id FROM models WHERE ?1 IS NULL OR task = ?1 ORDER BY made_at, rowid", task)
        return [model for row in rows if (model := self.load(row["id"]))]

    def add_evaluation(self, model_id: str, against: str, report: Mapping[str, Any]) -> int:
        """Keep the report of a comparison with the model that was live."""
        row = (model_id, against, now(), json.dumps(report, ensure_ascii=False, sort_keys=True))
        return append_row(self._connection, actor(), "evaluations", row)

    def evaluation(self, model_id: str, against: str) -> dict[str, Any] | None:
        """The newest report of this model against that one, or None."""
        row = self._connection.one(
            "SELECT report FROM evaluations WHERE model_id = ? AND against = ? ORDER BY id DESC LIMIT 1", model_id, against
        )
        return json.loads(row["report"]) if row else None

    def live(self, task: str) -> str:
        """The id of the live model of a task; SHIPPED if none was promoted."""
        row = self._connection.one(
            "SELECT model_id FROM promotions WHERE task = ? AND action != 'refuse' ORDER BY id DESC LIMIT 1", task
        )
        return str(row["model_id"]) if row else SHIPPED

    def promotions(self, task: str | None = None) -> list[Promotion]:
        """Every promotion, refusal and rollback, oldest first."""
        rows = self._connection.all("SELECT * FROM promotions WHERE ?1 IS NULL OR task = ?1 ORDER BY id", task)
        return [
            Promotion(
                row["id"],
                row["task"],
                row["model_id"],
                row["action"],
                tuple(json.loads(row["reasons"])),
                row["actor"],
                row["promoted_at"],
            )
            for row in rows
        ]

    def record(self, task: str, model_id: str, action: str, reasons: Sequence[str] = ()) -> None:
        """Append what was done: promote, refuse or rollback; after the first and the last `model_id` is live."""
        row = (task, model_id, action, json.dumps(list(reasons), ensure_ascii=False), actor(), now())
        append_row(self._connection, actor(), "promotions", row)
