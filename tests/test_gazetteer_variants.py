"""Twenty inflected and typographic variants of every organisation's and person's form are found, with exact offsets."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from gazetteer.entries import load_context, load_entities
from gazetteer.match import load_matcher
from tests.gazetteer_variants import RULES, Name, make_variants

FOUND_AT_LEAST = 0.99
SENTENCES = {
    ("uz", "Latn"): "Kecha bu haqda {} tilga olindi.",
    ("uz", "Cyrl"): "Кеча бу ҳақда {} тилга олинди.",
    ("tg", "Cyrl"): "Дирӯз дар ин бора {} ёд шуд.",
    ("tg", "Latn"): "Dirooz {} yod shud.",
    ("ru", "Cyrl"): "Вчера в связи с этим упомянули {} ещё раз.",
    ("en", "Latn"): "Yesterday people spoke about {} once more.",
}
ENTITIES = {entity.id: entity for entity in load_entities()}


def test_generator_imports_nothing_of_the_gazetteer():
    for name in ("gazetteer_variants", "russian_declension"):
        tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text("utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        assert not [module for module in names if module.startswith("gazetteer")]


def test_generated_variants_name_rules_that_are_listed():
    variants = make_variants(Name("Oʻzbekiston islom harakati", "uz", "Latn"))
    assert len(variants) == len(set(variants)) == 20
    assert {part for variant in variants for part in variant.rule.split(" + ")} <= set(RULES)


@pytest.mark.parametrize("language", ["uz", "tg", "ru", "en"])
def test_variants_of_every_form_are_found_with_exact_offsets(language):
    matcher = load_matcher()
    missed, total = [], 0
    for entity, form in iter_forms(language):
        wanted = entity.id if entity.policy != "alias" else entity.relations[0].target
        variants = make_variants(name_of(entity, form))
        assert len(variants) == 20, form
        for variant in variants:
            text, start = write_sentence(entity, form, variant)
            spans = {(match.start, match.end, match.entity_id) for match in matcher.find(text, language)}
            total += 1
            if (start, start + len(variant.name), wanted) not in spans:
                missed.append((wanted, variant.rule, text, sorted(spans)))
    print(f"{language}: {total - len(missed)} of {total} found; missed by rule: {Counter(rule for _, rule, _, _ in missed)}")
    assert total > 4_000
    assert 1 - len(missed) / total >= FOUND_AT_LEAST, missed[:20]


def iter_forms(language):
    for entity in ENTITIES.values():
        if entity.label not in {"ORG", "PER"} or entity.tier == "author-or-journalist" or entity.policy == "disclaimer":
            continue
        for form in entity.forms:
            if form.language == language and form.is_matched and form.kind != "stem":
                yield entity, form


def name_of(entity, form):
    return Name(
        form.text,
        form.language,
        form.script,
        is_person=entity.label == "PER",
        is_abbreviation=form.kind == "abbrev" or form.text.isupper(),
        is_people=form.kind == "demonym" or form.text.endswith("талибы"),
        keeps_capitals=form.case == "exact" or bool(form.ambiguous),
        in_quotes="quotes" in form.needs,
    )


def write_sentence(entity, form, variant):
    before, after = SENTENCES[form.language, form.script].split("{}")
    before = find_context(entity, form) + before + variant.before
    return before + variant.name + variant.after + after, len(before)


def find_context(entity, form):
    """What an ambiguous form needs: a word of one of its sets, or a related group."""
    writing = form.language if form.language not in {"uz"} else f"uz-{form.script}"
    blocked = {word.rstrip("*") for name in form.unless for words in load_context()[name].values() for word in words}
    for name in form.needs:
        words = load_context().get(name, {}).get(writing, ())
        for word in words:
            if word.rstrip("*") not in blocked:
                return word.rstrip("*") + ". "
    return name_related(entity, form) if "related" in form.needs else ""


def name_related(entity, form):
    """A plain form of a related entity that is evidence itself, in the language of the form, or in another."""
    targets = [relation.target for relation in entity.relations]
    targets += [other.id for other in ENTITIES.values() if entity.id in [relation.target for relation in other.relations]]
    known = [ENTITIES[target] for target in targets if target in ENTITIES and ENTITIES[target].is_in_scope]
    forms = [candidate for other in [*known, entity] for candidate in other.forms if is_plain(candidate)]
    forms.sort(key=lambda candidate: candidate.language != form.language)
    return forms[0].text + ". " if forms else ""


def is_plain(form):
    return form.is_matched and not form.ambiguous and not form.unless and not form.own and form.kind != "stem"
