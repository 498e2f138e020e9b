"""The most frequent words of the four languages, so that lint can say which form is an ordinary word.

Usage: python -m gazetteer.frequency TEXTS.tsv[.gz]...   (lines of writing<TAB>text<TAB>origin) writes the shipped list
"""

import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from gazetteer.fold import fold

PATH = Path(__file__).parent / "data" / "generated" / "frequent.json"
WRITINGS = ("en", "ru", "tg", "uz-Latn", "uz-Cyrl")
MOST = 1500
SHORTEST = 2
ORIGIN = (
    "Counts of words, no text: fitrat 0.0.9 (MIT; web news and Tatoeba) for uz, ru, en; interface texts of Firefox and"
    " LibreOffice (MPL-2.0) and Django (BSD-3-Clause) for tg, with shares of uz and ru"
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


@cache
def load_frequent() -> dict[str, frozenset[str]]:
    """Folded words by writing."""
    return {writing: frozenset(words.split()) for writing, words in json.loads(PATH.read_text("utf-8"))["words"].items()}


@cache
def load_origin() -> str:
    """What the shipped list was counted from, with licences."""
    return str(json.loads(PATH.read_text("utf-8"))["origin"])


def count_words(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The most frequent folded words of each writing, from (writing, text); capitalised words inside sentences stay out.

    A word counts only as it stands in lower case, so that names do not enter.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for writing, text in rows:
        for found in _WORD.finditer(text.replace("‘", "'").replace("’", "'").replace("ʻ", "'").replace("ʼ", "'")):
            if found.group().islower() and len(found.group()) >= SHORTEST:
                counts[writing][fold(found.group())] += 1
    return {writing: sorted(word for word, _ in counts[writing].most_common(MOST)) for writing in WRITINGS}


def main(paths: Iterable[str]) -> None:
    """Write the shipped list."""
    words = count_words(row for path in paths for row in _iter_rows(Path(path)))
    lines = [f'  "{writing}": {json.dumps(" ".join(found), ensure_ascii=False)}' for writing, found in words.items()]
    PATH.write_text(f'{{"origin": {json.dumps(ORIGIN)},\n"words": {{\n' + ",\n".join(lines) + "\n}}\n", "utf-8")


def _iter_rows(path: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            writing, text, *_ = line.rstrip("\n").split("\t")
            if writing in WRITINGS:
                yield writing, text


if __name__ == "__main__":
    main(sys.argv[1:])
