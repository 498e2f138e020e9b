"""Write docs/gazetteer.md: what the gazetteer covers, counted from the data.

Usage: python -m gazetteer.coverage
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from gazetteer.entries import CONDITIONS, LABELS, POLICIES, Entity, load_context, load_entities

PAGE = Path(__file__).parent.parent / "docs" / "gazetteer.md"
WRITINGS = (("en", "Latn"), ("ru", "Cyrl"), ("tg", "Cyrl"), ("tg", "Latn"), ("uz", "Latn"), ("uz", "Cyrl"))


def render(entities: Sequence[Entity]) -> str:
    """Return the page as Markdown."""
    return "\n".join([*_iter_intro(entities), *_iter_kinds(entities), *_iter_policies(entities), *_iter_groups(entities)])


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
