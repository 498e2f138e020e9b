"""Measure the matcher on a long list of names: speed, memory, start-up, beside what a user would take instead.

Usage: python -m gazetteer.bench FORMS.txt TEXTS.jsonl [SIZE]...   (one form a line; {"text", "language"} a line)
       python -m gazetteer.bench start FILE KEY                    (what the first calls for each size, in a fresh process)

The shipped entities stand first, so that conditions and contexts cost what they cost in earnest; forms of the file fill
the list up to SIZE, and beyond its length words of it are paired anew. Times are of the processor: the texts are measured in
parts, each by the best of many rounds, in which everything that is compared takes turns, so that another program's burst
spoils a round and not the figure. `lower_us` is what str.lower takes on the same texts, to compare machines by.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from gazetteer.alphabet import UNKNOWN, encode
from gazetteer.cache import read_compiled, write_compiled
from gazetteer.compile import compile_list
from gazetteer.compiled import Compiled
from gazetteer.entries import load_entities
from gazetteer.fold import fold
from gazetteer.match import Matcher
from gazetteer.record import Entity, Form
from gazetteer.shadow import make_shadow

SIZES = (2_000, 50_000, 100_000)
ROUNDS = 15
PARTS = 8
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


def measure(works: Mapping[str, Callable[[Texts], object]], texts: Texts) -> dict[str, float]:
    """Microseconds for 1,000 characters of each work on the texts."""
    total = dict.fromkeys(works, 0.0)
    for part in (texts[number::PARTS] for number in range(PARTS)):
        best = dict.fromkeys(works, float("inf"))
        for _ in range(ROUNDS):
            for name, work in works.items():
                started = time.process_time()
                work(part)
                best[name] = min(best[name], time.process_time() - started)
        total = {name: total[name] + best[name] for name in works}
    thousands = sum(len(text) for text, _ in texts) / 1000
    return {name: round(seconds * 1e6 / thousands, 1) for name, seconds in total.items()}


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
        compiled = compile_list(entities)
        matcher = Matcher.of(compiled)
        hits = sum(len(matcher.find(text, language)) for text, language in texts)
        times = measure(_list_works(matcher, entities), texts)
        for row in (
            _start(entities, compiled),
            {"us_per_1000_characters": times, "hits": hits},
            _measure_regexes(entities, texts),
        ):
            sys.stdout.write(json.dumps({"forms": size} | row, ensure_ascii=False) + "\n")
            sys.stdout.flush()


def _list_works(matcher: Matcher, entities: Sequence[Entity]) -> dict[str, Callable[[Texts], object]]:
    """What takes turns: ours, spaCy's PhraseMatcher on the same forms, and str.lower."""
    import spacy
    from spacy.matcher import PhraseMatcher

    blank = spacy.blank("xx")
    phrases = PhraseMatcher(blank.vocab, attr="LOWER")
    phrases.add("name", [blank.make_doc(form.text) for entity in entities for form in entity.forms])
    return {
        "gazetteer": lambda part: [matcher.find(text, language) for text, language in part],
        "of it folding": lambda part: [make_shadow(text) for text, _ in part],
        "spaCy PhraseMatcher": lambda part: [phrases(blank.make_doc(text)) for text, _ in part],
        "str.lower": lambda part: [text.lower() for text, _ in part],
    }


def _start(entities: Sequence[Entity], compiled: Compiled) -> dict[str, object]:
    """A fresh process reads the list from its cache and answers; compiling is what it costs once after a change."""
    started = time.process_time()
    compile_list(entities)
    built = time.process_time() - started
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.bin"
        write_compiled(path, "bench", compiled)
        command = [sys.executable, "-m", "gazetteer.bench", "start", str(path), "bench"]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # this very module
        size = path.stat().st_size
    found: dict[str, object] = json.loads(answer.stdout)
    return {"compile_seconds": round(built, 2), "cache_mb": round(size / 1e6, 1)} | found


def _measure_start(path: Path, key: str) -> dict[str, object]:
    """Seconds and memory from a compiled file to the first answer; what importing took is not in it."""
    before, started, clock = _read_memory()[0], time.process_time(), time.perf_counter()
    compiled = read_compiled(path, key)
    if compiled is None:
        raise SystemExit(f"{path}: no compiled list of this version")
    matcher = Matcher.of(compiled)
    matcher.find("Tolibon, IShIDga va “Al-Qoida”ning", "uz")
    found: dict[str, object] = {"start_seconds": round(time.process_time() - started, 3)}
    found["wall_seconds"] = round(time.perf_counter() - clock, 3)
    now, peak = _read_memory()
    return found | {"memory_mb": now - before, "process_mb": now, "peak_mb": peak}


def _measure_regexes(entities: Sequence[Entity], texts: Texts) -> dict[str, object]:
    """One regex per name, as word lists are used elsewhere: a part of the names on a part of the texts, scaled up."""
    forms = [form.text for entity in entities for form in entity.forms]
    patterns = [re.compile(rf"\b{re.escape(form.lower())}\b") for form in forms[:REGEX_FORMS]]
    sample = [(" ".join(text for text, _ in texts).lower()[:REGEX_CHARACTERS], "und")]
    times = measure({"regexes": lambda part: [pattern.search(text) for text, _ in part for pattern in patterns]}, sample)
    return {"one regex per name": round(times["regexes"] * len(forms) / len(patterns)), "scaled_up_from": len(patterns)}


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


def _read_memory() -> tuple[int, int]:
    """MB that this process has now, and its peak: of /proc, since the peak that getrusage tells begins with the parent's."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError as error:
        raise SystemExit(f"memory is read from /proc/self/status, which this system does not have ({error})") from error
    now, peak = (int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) // 1024 for name in ("VmRSS", "VmHWM"))
    return now, peak


if __name__ == "__main__":
    main(sys.argv[1:])
