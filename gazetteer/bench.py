"""Measure the matcher on a long list of names: speed, memory, start-up, beside what a user would take instead.

Usage: python -m gazetteer.bench FORMS.txt TEXTS.jsonl [SIZE]...   (one form a line; {"text", "language"} a line)
       python -m gazetteer.bench start FILE KEY                    (what the first calls for each size, in a fresh process)

The shipped entities stand first, so that conditions and contexts cost what they cost in earnest; forms of the file fill
the list up to SIZE, and beyond its length words of it are paired anew. Times are of the processor, the best of several
rounds; `lower_us` is what str.lower takes on the same texts at that moment, to compare machines by.
"""

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gazetteer.alphabet import UNKNOWN, encode
from gazetteer.cache import read_compiled, write_compiled
from gazetteer.compile import compile_list
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
    if arguments[0] == "start":
        sys.stdout.write(json.dumps(_measure_start(Path(arguments[1]), arguments[2])) + "\n")
        return
    lines = [line for line in Path(arguments[0]).read_text("utf-8").split("\n") if UNKNOWN not in encode(line)]
    rows = map(json.loads, filter(None, Path(arguments[1]).read_text("utf-8").split("\n")))
    texts = [(row["text"], row.get("language") or "und") for row in rows]
    for size in [int(argument) for argument in arguments[2:]] or SIZES:
        entities = make_entities(lines, size)
        for row in (*_measure_list(entities, texts), *_measure_others(entities, texts)):
            sys.stdout.write(json.dumps({"forms": size} | row) + "\n")
            sys.stdout.flush()


def _measure_list(entities: Sequence[Entity], texts: Texts) -> Iterator[dict[str, object]]:
    started = time.process_time()
    compiled = compile_list(entities)
    built = time.process_time() - started
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.bin"
        write_compiled(path, "bench", compiled)
        command = [sys.executable, "-m", "gazetteer.bench", "start", str(path), "bench"]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # this very module
    yield {"what": "start from the cache", "compile_seconds": round(built, 2)} | json.loads(answer.stdout)
    matcher = Matcher.of(compiled)
    thousands = sum(len(text) for text, _ in texts) / 1000
    seconds = measure(lambda: [matcher.find(text, language) for text, language in texts])
    yield {
        "what": "gazetteer",
        "us_per_1000_characters": round(seconds * 1e6 / thousands, 1),
        "lower_us": round(measure(lambda: [text.lower() for text, _ in texts]) * 1e6 / thousands, 1),
        "hits": sum(len(matcher.find(text, language)) for text, language in texts),
    }


def _measure_start(path: Path, key: str) -> dict[str, object]:
    """Seconds and memory from a compiled file to the first answer; what importing took is not in it."""
    before, started, clock = _resident_mb(), time.process_time(), time.perf_counter()
    compiled = read_compiled(path, key)
    if compiled is None:
        raise SystemExit(f"{path}: no compiled list of this version")
    matcher = Matcher.of(compiled)
    matcher.find("Tolibon, IShIDga va “Al-Qoida”ning", "uz")
    found: dict[str, object] = {"start_seconds": round(time.process_time() - started, 3)}
    found["wall_seconds"] = round(time.perf_counter() - clock, 3)
    return found | {"memory_mb": round(_resident_mb() - before), "process_mb": round(_resident_mb())}


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
