"""Complain about forms that would fire too easily: short, ordinary, protected, or shared without a condition.

Usage: python -m gazetteer.lint
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator

from gazetteer.entries import load_entities, load_protected
from gazetteer.fold import fold
from gazetteer.frequency import load_frequent
from gazetteer.names import name_key
from gazetteer.record import Entity, Form

SHORTEST = 4
NO_ALERT = frozenset({"feature-only", "never-alone"})


def lint(entities: Iterable[Entity] | None = None) -> list[str]:
    """Return one line per complaint; an empty list means that nothing is wrong."""
    checked = load_entities() if entities is None else tuple(entities)
    forms = [*_iter_short(checked), *_iter_frequent(checked), *_iter_protected(checked), *_iter_shared(checked)]
    return [*forms, *_iter_same_key(checked)]


def main() -> int:
    """Write the complaints; the exit status is 1 if there are any."""
    complaints = lint()
    sys.stdout.writelines(f"{line}\n" for line in complaints)
    return 1 if complaints else 0


def _iter_forms(entities: Iterable[Entity]) -> Iterator[tuple[Entity, Form, str]]:
    for entity in entities:
        for form in entity.forms:
            if form.is_matched:
                yield entity, form, f"{entity.file}: entry '{entity.id}': form '{form.text}' ({form.language})"


def _has_condition(form: Form) -> bool:
    return bool(form.case == "exact" or form.own or form.needs or form.not_in)


def _iter_short(entities: Iterable[Entity]) -> Iterator[str]:
    for _, form, where in _iter_forms(entities):
        if len(form.text) < SHORTEST and not _has_condition(form):
            yield f"{where}: shorter than {SHORTEST} letters: say `case: exact`, `own` or `needs`"
        elif len(form.text) < SHORTEST - 1 and not (form.needs or form.own):
            yield f"{where}: two letters need a context: say `needs` or `own`"


def _iter_frequent(entities: Iterable[Entity]) -> Iterator[str]:
    """A form that is an ordinary word of any of the four languages, in that language or not kept to its own."""
    for _, form, where in _iter_forms(entities):
        folded = fold(form.text)
        for writing, words in load_frequent().items():
            language = writing.partition("-")[0]
            kept_out = language in form.not_in or (form.own and language != form.language)
            if folded in words and not (form.needs or form.case == "exact" or form.kind == "stem" or kept_out):
                yield f"{where}: a frequent word in {writing}: say `needs`, `case: exact`, `own` or `not_in`"
                break


def _iter_protected(entities: Iterable[Entity]) -> Iterator[str]:
    protected = {fold(word) for words in load_protected().values() for word in words}
    frequent = {word for words in load_frequent().values() for word in words}
    for entity, form, where in _iter_forms(entities):
        words = fold(form.text).split()
        is_plain = not (form.needs or form.case == "exact" or entity.policy in NO_ALERT)
        if fold(form.text) in protected:
            yield f"{where}: a word for a people, a faith or migrants is never a form (see protected.yaml)"
        elif is_plain and any(word in protected for word in words) and protected | frequent >= set(words):
            yield f"{where}: only a word for a people or a faith and ordinary words: say `needs` or `case: exact`"


def _iter_shared(entities: Iterable[Entity]) -> Iterator[str]:
    """Two entities under one folded form in one language: all but one of the forms must carry a condition."""
    owners: dict[tuple[str, str], list[tuple[Entity, Form, str]]] = defaultdict(list)
    for entity, form, where in _iter_forms(entities):
        owners[form.language, fold(form.text)].append((entity, form, where))
    for items in owners.values():
        free = [(entity.id, where) for entity, form, where in items if not (form.needs or form.own)]
        if len({id_ for id_, _ in free}) > 1:
            yield f"{free[0][1]}: also a form of '{free[-1][0]}': give one of them `needs` or `kind: shared`"


def _iter_same_key(entities: Iterable[Entity]) -> Iterator[str]:
    """Two persons whose names have one key: neither is found in other spellings than those of the list."""
    owners: dict[str, list[tuple[Entity, str]]] = defaultdict(list)
    for entity, form, where in _iter_forms(entities):
        if entity.kind == "person" and not (form.ambiguous or form.unless or form.own or form.case == "exact"):
            key = name_key(form.text)
            if key:
                owners[key].append((entity, where))
    for items in owners.values():
        other = next((entity for entity, _ in items if entity.id != items[0][0].id), None)
        if other:
            yield f"{items[0][1]}: spelt like a form of '{other.id}': give one of them `needs`"


if __name__ == "__main__":
    sys.exit(main())
