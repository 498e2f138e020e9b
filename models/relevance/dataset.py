"""Labelled texts for training and measuring, with their gazetteer hits."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.relevance.reading import Hit

_KINDS = {"PER": "person", "ORG": "organization", "LOC": "place"}


class BadRow(ValueError):
    """A line of a data file that cannot be used: file, line and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text. `family` groups retellings of the same story, which must not be split; `weight` counts it.

    A decision says relevant or not, no more: its level is not `exact` and its topics are not known. `decided` marks it.
    """

    id: str
    language: str
    script: str
    title: str
    text: str
    relevance: str
    topics: tuple[str, ...]
    genre: str | None
    negative_class: str | None
    source: str
    family: str
    hits: tuple[Hit, ...] = ()
    doubt: bool = False
    weight: float = 1.0
    exact: bool = True
    topics_known: bool = True
    decided: bool = False

    @property
    def relevant(self) -> bool:
        """R2 or R3."""
        return self.relevance in ("R2", "R3")


def read_rows(paths: Iterable[Path], hits: Mapping[str, tuple[Hit, ...]]) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Rows of JSONL files with the raw line beside each. Raises BadRow."""
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                data = json.loads(line)
                row = _make_row(data, path.stem, hits)
            except (ValueError, KeyError) as error:
                raise BadRow(f"{path}:{number}: {error!r}; expected id, language, script, text, relevance") from error
            yield row, data


def read_hits(paths: Iterable[Path]) -> dict[str, tuple[Hit, ...]]:
    """Hits by text id, from the output of `xabar scan --stages language,gazetteer`."""
    found: dict[str, tuple[Hit, ...]] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            data = json.loads(line)
            if "mentions" in data:
                found[str(data["id"])] = _make_hits(data["mentions"])
    return found


def read_texts(folder: Path, kinds: Iterable[str]) -> list[Row]:
    """The texts of `<kind>.<language-script>.jsonl` in a folder, without hits; a text that stands there twice comes once."""
    paths = sorted(path for kind in kinds for path in folder.glob(f"{kind}.*.jsonl"))
    found = {make_key(row.text): row for row, _ in read_rows(paths, {})}
    return [*found.values()]


def read_training_rows(folder: Path, hits: Mapping[str, tuple[Hit, ...]]) -> list[Row]:
    """What may train, each text with a title half with and half without it."""
    return halve_titles(read_allowed_rows(folder, hits))


def read_allowed_rows(folder: Path, hits: Mapping[str, tuple[Hit, ...]]) -> list[Row]:
    """What may train: ours, and real texts that may ship, undisputed, and foreign to every evaluation text."""
    excluded = _read_excluded(folder / "eval" / "exclude.sha256")
    paths = sorted([*(folder / "train").glob("written*.jsonl"), *(folder / "train").glob("relevance.*.jsonl")])
    rows = []
    for row, data in read_rows(paths, hits):
        barred = not data.get("ship", True) or row.doubt or data.get("same_document_in_eval_dev")
        if not barred and make_key(row.text) not in excluded:
            rows.append(row)
    return rows


def halve_titles(rows: Iterable[Row]) -> list[Row]:
    """Each row with a title counts half with and half without it, because half of what is read has none."""
    halved: list[Row] = []
    for row in rows:
        half = replace(row, weight=row.weight / 2)
        halved += [half, replace(half, title="")] if row.title else [row]
    return halved


def make_key(text: str) -> str:
    """SHA-256 of the words of a text in lower case: the same text is the same key, whatever its signs."""
    return hashlib.sha256(re.sub(r"\W+", " ", text.lower()).strip().encode()).hexdigest()


def _make_row(data: dict[str, Any], stem: str, hits: Mapping[str, tuple[Hit, ...]]) -> Row:
    number = re.search(r"(\d+)\D*$", data["id"])
    written = stem.startswith(("written", "first", "short", "later", "heldback"))
    return Row(
        id=data["id"],
        language=data["language"],
        script=data["script"],
        title=data.get("title") or "",
        text=data["text"],
        relevance=data["relevance"],
        topics=tuple(data.get("topics", ())),
        genre=data.get("genre"),
        negative_class=data.get("negative_class"),
        source="written" if written else str(data.get("source", "")),
        family=f"{stem.split('.')[0]}-{number[1]}" if written and number else data["id"],
        hits=_make_hits(data["mentions"]) if "mentions" in data else hits.get(data["id"], ()),
        doubt=bool(data.get("doubt")),
    )


def _make_hits(mentions: Iterable[dict[str, Any]]) -> tuple[Hit, ...]:
    return tuple(_make_hit(mention) for mention in mentions if mention.get("entity_id"))


def _make_hit(mention: dict[str, Any]) -> Hit:
    kind = mention.get("kind") or _KINDS.get(mention.get("label", ""), "other")
    return Hit(mention["start"], mention["end"], mention["entity_id"], kind, bool(mention.get("certain", True)))


def _read_excluded(path: Path) -> frozenset[str]:
    return frozenset(path.read_text(encoding="utf-8").split()) if path.exists() else frozenset()
