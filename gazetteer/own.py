"""The operator's own names beside the shipped list: YAML files in the shipped form, folders of them, or CSV."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gazetteer.block import GazetteerError, read_list
from gazetteer.cache import load_compiled
from gazetteer.compile import compile_list
from gazetteer.compiled import Compiled
from gazetteer.entries import DATA, check_entities, load_entities, make_entity
from gazetteer.folder import read_declensions
from gazetteer.match import Matcher, load_matcher
from gazetteer.record import Entity
from gazetteer.source import load_sources

SUFFIXES = (".yaml", ".yml", ".csv")


def read_with_own(lists: Iterable[Path]) -> tuple[Entity, ...]:
    """The shipped entities and the own ones, sorted by id, each with its provenance; raises GazetteerError.

    An own entry may name shipped ones in its relations; with the policy `alias` it gives one of them another form.
    """
    entities = {entity.id: entity for entity in load_entities()}
    for path in iter_own_files(lists):
        for raw in _read(path):
            if isinstance(raw, dict):
                raw = {"provenance": f"own list {path.name}"} | raw
            entity = make_entity(raw, str(path))
            first = entities.get(entity.id)
            if first is not None:
                raise GazetteerError(f"{path}: entry '{entity.id}': duplicate id (first in {first.file}); give yours another one")
            entities[entity.id] = entity
    found = tuple(entities[id_] for id_ in sorted(entities))
    check_entities(found, load_sources())
    return found


def open_with_own(lists: Iterable[Path]) -> Matcher:
    """The matcher over both, from the cache where nothing has changed; the shipped one where there are no own lists."""
    paths = tuple(Path(path).resolve() for path in lists)
    return _open(paths) if paths else load_matcher()


def use_lists(lists: Iterable[Path]) -> None:
    """From now on these own lists count in this process wherever an entity is known by its id: on pages and in exports.

    Raises GazetteerError for lists that cannot be read.
    """
    _used[:] = [Path(path).resolve() for path in lists]
    if _used:
        list_known()


def list_known() -> Mapping[str, Entity]:
    """The shipped entities and those of the lists in use, by id. Raises GazetteerError."""
    return _list(tuple(_used))


def match_known() -> Matcher:
    """The matcher over the same entities. Raises GazetteerError."""
    return open_with_own(_used)


_used: list[Path] = []


@cache
def _list(paths: tuple[Path, ...]) -> Mapping[str, Entity]:
    return MappingProxyType({entity.id: entity for entity in (read_with_own(paths) if paths else load_entities())})


def _read(path: Path) -> list[Any]:
    if path.suffix.lower() != ".csv":
        return read_list(path)
    from gazetteer.importing import import_csv  # with the readers of XML, which every other start can do without

    return import_csv(path)


@cache
def _open(paths: tuple[Path, ...]) -> Matcher:
    return Matcher.of(load_compiled(DATA, lambda: _compile(paths), tuple(iter_own_files(paths))))


def _compile(paths: tuple[Path, ...]) -> Compiled:
    entities = read_with_own(paths)
    return compile_list(entities, declensions=read_declensions(DATA, entities))


def iter_own_files(lists: Iterable[Path]) -> Iterator[Path]:
    """The files of own lists, those of a folder in order; raises GazetteerError for what is not there or no list."""
    for path in lists:
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        if not path.exists():
            raise GazetteerError(f"{path}: no such file or folder; [gazetteer] lists names your own YAML and CSV files")
        if not files or files[0].suffix.lower() not in SUFFIXES:
            raise GazetteerError(f"{path}: no YAML or CSV here (known: {', '.join(SUFFIXES)})")
        yield from files
