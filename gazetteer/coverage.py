"""Write docs/gazetteer.md: what the gazetteer covers, counted from the data.

Usage: python -m gazetteer.coverage
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from gazetteer.entries import load_context, load_entities
from gazetteer.fact import load_facts
from gazetteer.frequency import load_origin
from gazetteer.record import ASSERTERS, CONDITIONS, CONFIDENCES, LABELS, POLICIES, Entity
from gazetteer.source import load_sources

PAGE = Path(__file__).parent.parent / "docs" / "gazetteer.md"
WRITINGS = (("en", "Latn"), ("ru", "Cyrl"), ("tg", "Cyrl"), ("tg", "Latn"), ("uz", "Latn"), ("uz", "Cyrl"))


def render(entities: Sequence[Entity]) -> str:
    """Return the page as Markdown."""
    parts = (_iter_intro, _iter_kinds, _iter_unreviewed, _iter_policies, _iter_statements, _iter_designations, _iter_groups)
    return "\n".join(line for part in parts for line in part(entities))


def main() -> None:
    """Write the page."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render(load_entities()), "utf-8")


def _iter_intro(entities: Sequence[Entity]) -> Iterator[str]:
    forms = [form for entity in entities for form in entity.forms]
    report = sum(form.source == "report" for form in forms)
    ambiguous = sum(bool(form.ambiguous) for form in forms)
    silent = sum(not form.is_matched for form in forms)
    yield "# Gazetteer coverage"
    yield ""
    yield "Generated from `gazetteer/data` by `python -m gazetteer.coverage`; a test fails when it is out of date."
    yield ""
    yield f"{len(entities)} entities, {len(forms)} forms: {report} printed in the report, {len(forms) - report} added,"
    yield f"{ambiguous} ambiguous, {silent} kept as documentation only."
    yield ""
    yield f"Frequent words that lint compares with: {load_origin()}."
    yield ""
    sets = ", ".join(sorted(set(load_context()) - {"heads"}))
    yield f"Conditions of ambiguous forms: {', '.join(CONDITIONS)}, or a context set: {sets}."
    yield ""


def _iter_kinds(entities: Sequence[Entity]) -> Iterator[str]:
    yield "## Kinds"
    yield ""
    yield "| kind | label | entities | " + " | ".join(f"{language}-{script}" for language, script in WRITINGS) + " |"
    yield "|---|---|---|" + "---|" * len(WRITINGS)
    for kind, label in LABELS.items():
        chosen = [entity for entity in entities if entity.kind == kind]
        yield f"| {kind} | {label} | {len(chosen)} | " + " | ".join(map(str, _count_forms(chosen))) + " |"
    yield f"| all | | {len(entities)} | " + " | ".join(map(str, _count_forms(entities))) + " |"
    yield ""


def _count_forms(entities: Sequence[Entity]) -> list[int]:
    counts = Counter((form.language, form.script) for entity in entities for form in entity.forms if form.is_matched)
    return [counts[writing] for writing in WRITINGS]


def _iter_unreviewed(entities: Sequence[Entity]) -> Iterator[str]:
    yield "## Forms that no native speaker has reviewed"
    yield ""
    yield "Printed in the report needs no review; `high` was seen in public text or is an official name."
    yield ""
    yield "| origin | " + " | ".join(f"{language}-{script}" for language, script in WRITINGS) + " |"
    yield "|---|" + "---|" * len(WRITINGS)
    forms = [form for entity in entities for form in entity.forms if form.is_matched]
    for origin in ("report", *CONFIDENCES):
        chosen = [form for form in forms if ("report" if form.lines else form.confidence) == origin]
        counts = Counter((form.language, form.script) for form in chosen)
        yield f"| {origin} | " + " | ".join(str(counts[writing]) for writing in WRITINGS) + " |"
    yield ""


def _iter_statements(entities: Sequence[Entity]) -> Iterator[str]:
    relations = [relation for entity in entities for relation in entity.relations]
    counts = Counter(relation.asserted_by for relation in relations)
    to_sources = sum(relation.target in load_sources() for relation in relations)
    yield "## Relations and facts"
    yield ""
    yield f"{len(relations)} relations, {to_sources} of them to the {len(load_sources())} sources that the report cites;"
    yield f"{len(load_facts())} facts, each with its line of the report."
    yield ""
    yield "| asserted by | relations |"
    yield "|---|---|"
    for who, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        named = load_sources()[who].name if who in load_sources() else ASSERTERS.get(who, who)
        yield f"| {who}: {named} | {count} |"
    yield ""


def _iter_designations(entities: Sequence[Entity]) -> Iterator[str]:
    yield "## Designations"
    yield ""
    yield "Confidence low or medium is background knowledge that somebody must check against the list itself."
    yield ""
    yield "| entity | authority | list | status | date | source |"
    yield "|---|---|---|---|---|---|"
    for entity in entities:
        for item in entity.designations:
            source = f"report line {item.lines[0]}" if item.lines else f"{item.seen or 'added'}, {item.confidence}"
            yield f"| {entity.id} | {item.authority} | {item.list} | {item.status} | {item.date} | {source} |"
    yield ""


def _iter_policies(entities: Sequence[Entity]) -> Iterator[str]:
    yield "## Policies"
    yield ""
    yield "| policy | meaning | entities |"
    yield "|---|---|---|"
    for policy, meaning in POLICIES.items():
        yield f"| {policy} | {meaning} | {sum(entity.policy == policy for entity in entities)} |"
    yield ""


def _iter_groups(entities: Sequence[Entity]) -> Iterator[str]:
    """Groups, units and their media one by one: where a writing has no form, a linguist is needed."""
    yield "## Forms of groups, units and their media"
    yield ""
    yield "| entity | name | " + " | ".join(f"{language}-{script}" for language, script in WRITINGS) + " |"
    yield "|---|---|" + "---|" * len(WRITINGS)
    for entity in entities:
        if entity.kind in {"organization", "armed-unit", "media-outlet"}:
            counts = " | ".join(str(count or "-") for count in _count_forms([entity]))
            yield f"| {entity.id} | {entity.name} | {counts} |"
    yield ""


if __name__ == "__main__":
    main()
