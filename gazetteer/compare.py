"""What a changed list would match differently: in its forms, and in texts, before it goes live."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gazetteer.match import Match, Matcher

SNIPPET_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Text:
    """One text to try both lists on; `source` is whatever the counts shall be grouped by."""

    id: str
    text: str
    language: str = "und"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One hit that only the new list has (`new`), only the old (`lost`), or that is certain in one of them (`certainty`)."""

    change: str
    id: str
    source: str
    language: str
    entity_id: str
    text: str
    snippet: str
    why: str
    certain: bool


def compare_texts(old: Matcher, new: Matcher, texts: Iterable[Text]) -> Iterator[Change]:
    """Yield every hit that differs, text by text, in order."""
    for text in texts:
        before = {_key(match): match for match in old.find(text.text, text.language)}
        after = {_key(match): match for match in new.find(text.text, text.language)}
        for key in sorted({*before, *after}):
            if key not in before:
                yield _make_change("new", text, after[key])
            elif key not in after:
                yield _make_change("lost", text, before[key])
            elif before[key].certain != after[key].certain:
                yield _make_change("certainty", text, after[key])


def compare_forms(old: Matcher, new: Matcher) -> Iterator[str]:
    """Yield one line per entity or form that was added, removed or changed."""
    for id_ in sorted({*old.entities, *new.entities}):
        before, after = old.entities.get(id_), new.entities.get(id_)
        if before is None or after is None:
            yield f"{'added' if before is None else 'removed'} entity {id_}"
            continue
        if (before.kind, before.policy) != (after.kind, after.policy):
            yield f"changed entity {id_}: {before.kind}/{before.policy} -> {after.kind}/{after.policy}"
        old_forms = {(form.language, form.script, form.text): form for form in before.forms}
        new_forms = {(form.language, form.script, form.text): form for form in after.forms}
        for key in sorted({*old_forms, *new_forms}):
            if old_forms.get(key) != new_forms.get(key):
                word = "added" if key not in old_forms else "removed" if key not in new_forms else "changed"
                yield f"{word} form {id_}: {key[2]} ({key[0]}-{key[1]})"


def count_changes(changes: Iterable[Change]) -> Counter[tuple[str, str, str, str]]:
    """How many hits changed, by (change, source, language, entity)."""
    return Counter((change.change, change.source, change.language, change.entity_id) for change in changes)


def cut_snippet(text: str, start: int, end: int) -> str:
    """At most 120 characters of one line around a hit."""
    room = max(0, SNIPPET_CHARACTERS - (end - start)) // 2
    return " ".join(text[max(0, start - room) : end + room][:SNIPPET_CHARACTERS].split())


def _key(match: Match) -> tuple[int, int, str]:
    return match.start, match.end, match.entity_id


def _make_change(change: str, text: Text, match: Match) -> Change:
    snippet = cut_snippet(text.text, match.start, match.end)
    return Change(change, text.id, text.source, text.language, match.entity_id, match.text, snippet, match.why, match.certain)
