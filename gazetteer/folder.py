"""A matcher over any data folder shaped like the shipped one, so that a changed list can be tried before it goes live."""

import json
from collections.abc import Iterable
from pathlib import Path

from gazetteer.block import GazetteerError
from gazetteer.cache import load_compiled
from gazetteer.compile import compile_list
from gazetteer.compiled import Compiled
from gazetteer.entries import DATA, load_entities, read_context, read_folder
from gazetteer.inflect import ru
from gazetteer.match import Matcher, load_matcher
from gazetteer.record import Entity


def open_matcher(folder: Path) -> Matcher:
    """Read and compile a data folder; raises GazetteerError.

    Its own context sets, sources and `generated/ru.json` count where it has them. Russian forms that nobody has
    declined yet are declined now.
    """
    if folder.resolve() == DATA.resolve():
        return load_matcher()
    if not folder.is_dir():
        raise GazetteerError(f"{folder}: no such folder; give a folder like gazetteer/data")
    return Matcher.of(load_compiled(folder, lambda: _compile(folder)))


def _compile(folder: Path) -> Compiled:
    entities = read_folder(folder)
    return compile_list(entities, words=read_context(folder), declensions=read_declensions(folder, entities))


def read_declensions(folder: Path, entities: Iterable[Entity]) -> dict[str, list[str]]:
    """The Russian cases of a folder's forms: those written down, and new ones declined now."""
    path = folder / "generated" / "ru.json"
    try:
        known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    except ValueError as error:
        raise GazetteerError(f"{path}: not JSON ({error}); renew it with `python -m gazetteer.inflect.decline`") from error
    declined = {form.text for entity in load_entities() for form in entity.forms if form.language == "ru"}
    cases: dict[str, list[str]] = ru.load_declensions() | known
    for entity in entities:
        for form in entity.forms:
            if form.language == "ru" and form.is_matched and form.text not in declined and form.text not in cases:
                from gazetteer.inflect.decline import decline  # pymorphy3 takes a second to load and is rarely needed

                cases[form.text] = decline(form, entity.kind == "person")
    return cases
