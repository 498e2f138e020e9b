"""Measure the matcher on a long list of names: speed, memory, start-up, beside what a user would take instead.

Usage: python -m gazetteer.bench FORMS.txt TEXTS.jsonl [SIZE]...   (one form a line; {"text", "language"} a line)

The shipped entities stand first, so that conditions and contexts cost what they cost in earnest; forms of the file fill
the list up to SIZE, and beyond its length words of it are paired anew. Every figure is the best of several rounds.
"""

import json
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gazetteer.entries import load_entities
from gazetteer.fold import fold
from gazetteer.match import Matcher
from gazetteer.record import Entity, Form

SIZES = (2_000, 50_000, 100_000)
ROUNDS = 7
REGEX_FORMS = 1_000
REGEX_CHARACTERS = 20_000

Texts = Sequence[tuple[str, str]]


def make_entities(lines: Sequence[str], size: int) -> list[Entity]:
    """The shipped entities and invented ones, `size` forms in all."""
    shipped = list(load_entities())
    known = {fold(form.text) for entity in shipped for form in entity.forms}
    room = size - sum(len(entity.forms) for entity in shipped)
    for number, text in enumerate(_iter_names(lines, known)):
        if number >= room:
            break
        shipped.append(Entity(f"bench-{number}", "organization", text, "match", (_make_form(text),)))
    return shipped


def measure(work: Callable[[], object]) -> float:
    """The fewest seconds of several rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def main(arguments: Sequence[str]) -> None:
    """Print one JSON line per measurement."""
    lines = Path(arguments[0]).read_text("utf-8").split("\n")
    rows = map(json.loads, filter(None, Path(arguments[1]).read_text("utf-8").split("\n")))
    texts = [(row["text"], row.get("language") or "und") for row in rows]
    for size in [int(argument) for argument in arguments[2:]] or SIZES:
        entities = make_entities(lines, size)
        for row in (_measure_matcher(entities, texts), *_measure_others(entities, texts)):
            sys.stdout.write(json.dumps({"forms": size} | row) + "\n")
            sys.stdout.flush()


def _measure_matcher(entities: Sequence[Entity], texts: Texts) -> dict[str, object]:
    before = _resident_mb()
    started = time.process_time()
    matcher = Matcher(entities)
    built = time.process_time() - started
    thousands = sum(len(text) for text, _ in texts) / 1000
    seconds = measure(lambda: [matcher.find(text, language) for text, language in texts])
    return {
        "what": "gazetteer",
        "us_per_1000_characters": round(seconds * 1e6 / thousands, 1),
        "build_seconds": round(built, 2),
        "memory_mb": round(_resident_mb() - before),
        "hits": sum(len(matcher.find(text, language)) for text, language in texts),
    }


def _measure_others(entities: Sequence[Entity], texts: Texts) -> Iterator[dict[str, object]]:
    import spacy
    from spacy.matcher import PhraseMatcher

    forms = [form.text for entity in entities for form in entity.forms]
    thousands = sum(len(text) for text, _ in texts) / 1000
    blank = spacy.blank("xx")
    phrases = PhraseMatcher(blank.vocab, attr="LOWER")
    phrases.add("name", [blank.make_doc(form) for form in forms])
    seconds = measure(lambda: [phrases(blank.make_doc(text)) for text, _ in texts])
    yield {"what": "spaCy PhraseMatcher", "us_per_1000_characters": round(seconds * 1e6 / thousands, 1)}
    patterns = [re.compile(rf"\b{re.escape(form.lower())}\b") for form in forms[:REGEX_FORMS]]
    sample = " ".join(text for text, _ in texts).lower()[:REGEX_CHARACTERS]
    seconds = measure(lambda: [pattern.search(sample) for pattern in patterns])
    scaled = seconds * len(forms) / len(patterns) * 1e6 / (len(sample) / 1000)
    yield {"what": f"one regex per name, scaled up from {len(patterns)}", "us_per_1000_characters": round(scaled)}


def _iter_names(lines: Sequence[str], known: set[str]) -> Iterator[str]:
    seen = set(known)
    words = [line.split() for line in lines]
    paired = (f"{one[0]} {other[-1]}" for one, other in zip(words, words[7:] + words[:7], strict=True) if one and other)
    for name in [*lines, *paired]:
        if sum(map(str.isalnum, name)) > 1 and len(name.split()) > 1 and fold(name) not in seen:
            seen.add(fold(name))
            yield name


def _make_form(text: str) -> Form:
    is_cyrillic = bool(re.search("[Ѐ-ӿ]", text))
    return Form(text, "ru" if is_cyrillic else "uz", "Cyrl" if is_cyrillic else "Latn")


def _resident_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(sys.argv[1:])
