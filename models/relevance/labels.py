"""The label scheme of `labels.toml`, read strictly."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

AXES = {"relevance": 4, "topics": 17, "genre": 8, "modality": 5}
_REQUIRED = {"definition", "include", "exclude"}


class BadLabels(ValueError):
    """A label scheme that cannot be used: axis, label and what to do."""


@dataclass(frozen=True, slots=True)
class LabelText:
    """One label: its id and, in words, what it means."""

    id: str
    name: str
    definition: str
    include: str
    exclude: str


@cache
def load_labels() -> dict[str, dict[str, LabelText]]:
    """The shipped scheme: axis -> label id -> text, in reading order. Raises BadLabels."""
    return parse_labels((files("models.relevance") / "labels.toml").read_text(encoding="utf-8"))


def parse_labels(text: str) -> dict[str, dict[str, LabelText]]:
    """Read a scheme; every axis must be complete. Raises BadLabels."""
    tables = tomllib.loads(text)
    if tables.keys() != AXES.keys():
        raise BadLabels(f"labels.toml: the axes must be {', '.join(AXES)}; found {', '.join(tables)}")
    scheme = {axis: {label: _read_label(axis, label, fields) for label, fields in tables[axis].items()} for axis in AXES}
    for axis, size in AXES.items():
        if len(scheme[axis]) != size:
            raise BadLabels(f"labels.toml: {axis} has {len(scheme[axis])} labels and must have {size}")
    return scheme


def _read_label(axis: str, label: str, fields: object) -> LabelText:
    where = f"labels.toml: [{axis}.{label}]"
    if not isinstance(fields, Mapping):
        raise BadLabels(f"{where}: expected a table")
    if unknown := fields.keys() - _REQUIRED - {"name"}:
        raise BadLabels(f"{where}: unknown key '{min(unknown)}' (known: name, definition, include, exclude)")
    if missing := _REQUIRED - fields.keys():
        raise BadLabels(f"{where}: '{min(missing)}' is missing; write one line")
    for key, value in fields.items():
        if not isinstance(value, str) or not value.strip():
            raise BadLabels(f"{where}: {key} must be a line of text")
    name = fields.get("name", label.replace("-", " "))
    return LabelText(label, name, fields["definition"], fields["include"], fields["exclude"])
