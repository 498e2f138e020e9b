"""Read blocks of YAML and check their keys and words: every complaint names file, entry and what would be good."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml


class GazetteerError(ValueError):
    """The data cannot be used as written; the message names file, entry and form and lists the known values."""


def show_path(path: Path) -> str:
    """How messages name a file: `gazetteer/data/people.yaml` for the shipped ones, where it lies for others."""
    return f"gazetteer/data/{path.name}" if path.parent.name == "data" else str(path)


def read_list(path: Path) -> list[Any]:
    """A file that is a list of blocks."""
    data = _parse(path)
    if not isinstance(data, list):
        raise GazetteerError(f"{show_path(path)}: must be a list of entries")
    return data


def read_mapping(path: Path) -> dict[str, Any]:
    """A file that is one mapping."""
    data = _parse(path)
    if not isinstance(data, dict):
        raise GazetteerError(f"{show_path(path)}: must be a mapping")
    return data


def check_keys(where: str, raw: Any, known: frozenset[str], required: tuple[str, ...]) -> None:
    """Refuse what is no mapping, an unknown key, a required key that is missing or empty."""
    if not isinstance(raw, dict):
        raise GazetteerError(f"{where}: must be a mapping")
    for key in raw:
        check_known(where, "key", key, sorted(known))
    for key in required:
        if not raw.get(key) and not (key == "text" and key in raw):
            raise GazetteerError(f"{where}: missing `{key}`")


def check_known(where: str, what: str, value: Any, known: Iterable[str]) -> None:
    """Refuse a word outside a closed vocabulary."""
    names = list(known)
    if value not in names:
        shown = names if len(names) < MOST_SHOWN else [*names[:MOST_SHOWN], "..."]
        raise GazetteerError(f"{where}: unknown {what} '{value}' (known: {', '.join(shown)})")


def check_lines(where: str, lines: Any) -> tuple[int, ...]:
    """Line numbers of the policy report, or an error."""
    if not isinstance(lines, list) or not all(isinstance(line, int) and line > 0 for line in lines):
        raise GazetteerError(f"{where}: `lines` must be a list of line numbers")
    return tuple(lines)


MOST_SHOWN = 30


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the base is chosen at run time
    """The safe loader, refusing a mapping that has a key twice: YAML lets the last one win in silence."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping whose keys are all different."""
        keys = [key.value for key, _ in node.value]
        if len(keys) != len(set(keys)):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise yaml.constructor.ConstructorError(None, None, f"key '{twice}' stands twice in one block", node.start_mark)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _parse(path: Path) -> Any:
    try:
        return yaml.load(path.read_text("utf-8"), Loader=_StrictLoader)  # noqa: S506  # built on the safe loader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise GazetteerError(f"{show_path(path)}: not YAML: {reason}") from error
    except OSError as error:
        raise GazetteerError(f"{path}: cannot be read ({error.strerror}); give a folder of gazetteer files") from error
