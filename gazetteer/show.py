"""One entity as readable text: what it is, how it is written, who says what about it, what facts name it."""

from collections.abc import Iterable, Iterator

from gazetteer.block import GazetteerError
from gazetteer.entries import load_entities
from gazetteer.fact import load_facts
from gazetteer.record import ASSERTERS, Entity, Form
from gazetteer.source import load_sources


def find_entity(entity_id: str, among: Iterable[Entity] | None = None) -> Entity:
    """The entity of this id, a shipped one where nothing is given; raises GazetteerError with near ids if there is none."""
    entities = {entity.id: entity for entity in (load_entities() if among is None else among)}
    if entity_id in entities:
        return entities[entity_id]
    near = [id_ for id_ in entities if entity_id.lower() in id_ or entity_id.lower() in entities[id_].name.lower()]
    raise GazetteerError(f"no entity '{entity_id}' in the gazetteer; near it: {', '.join(near[:8]) or 'nothing'}")


def render_entity(entity: Entity) -> str:
    """Several lines of text."""
    return "\n".join(_iter_lines(entity))


def _iter_lines(entity: Entity) -> Iterator[str]:
    yield f"{entity.id}: {entity.name}"
    tier = f", {entity.tier}" if entity.tier else ""
    yield f"  {entity.kind} ({entity.label}){tier}, policy {entity.policy}, {entity.provenance}, {entity.file}"
    for text in (entity.about, entity.caution):
        if text:
            yield f"  {text}"
    for form in entity.forms:
        yield f"  form {form.text} ({form.language}-{form.script}, {form.kind}): {_describe(form)}"
    names = {id_: source.name for id_, source in load_sources().items()}
    for relation in entity.relations:
        target = names.get(relation.target, relation.target)
        says = ASSERTERS.get(relation.asserted_by, names.get(relation.asserted_by, relation.asserted_by))
        arrow = "<-" if relation.inverse else "->"
        yield f"  {relation.type} {arrow} {target}{_lines(relation.lines)}; asserted by: {says}"
    for item in entity.designations:
        sure = "" if item.lines else f", confidence {item.confidence}"
        yield f"  {item.status} by {item.authority} ({item.list}), date {item.date}{_lines(item.lines)}{sure}"
    for fact in load_facts():
        if entity.id in fact.entities:
            yield f"  fact {fact.id} (line {fact.line}): {fact.question} {fact.answer}"


def _describe(form: Form) -> str:
    parts = [f"report lines {', '.join(map(str, form.lines))}" if form.lines else f"added, confidence {form.confidence}"]
    parts += ["capitals as written"] * (form.case == "exact") + ["only in its own language"] * form.own
    parts += [f"ambiguous: {form.ambiguous}"] * bool(form.ambiguous)
    parts += [f"needs {' or '.join(form.needs)}"] * bool(form.needs)
    parts += [f"unless {' or '.join(form.unless)}"] * bool(form.unless)
    parts += [f"not in {', '.join(form.not_in)}"] * bool(form.not_in) + ["never matched"] * (not form.is_matched)
    return "; ".join(parts)


def _lines(lines: tuple[int, ...]) -> str:
    return f" (report line {', '.join(map(str, lines))})" if lines else ""
