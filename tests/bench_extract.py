"""Text and speed beside what a user would take instead: `python -m tests.bench_extract PAGES [EVERY]`.

PAGES is a folder with manifest.jsonl and gold_text.jsonl. Every candidate gets the same pages in turn, each page in the same
round; a candidate that is not installed is left out. Word F1 by language, the first half of the pages and the second one apart:
thresholds were tuned on the first. Pages per second of processor time; how many times as fast xabar is, also on pages with and
without JSON-LD apart: the gold pages have none, so every second one gets the head that a content system of today writes.
"""

import contextlib
import gzip
import io
import json
import logging
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import mean

from pipeline.extract.html import read_html
from tests.modern_page import modernise
from tests.test_extract_quality import load, measure_f1

Candidate = Callable[[bytes, str], str]


def xabar(body: bytes, language: str) -> str:
    return read_html(body, {"Content-Type": "text/html"}, "https://a.example/").text


def trafilatura_default(body: bytes, language: str) -> str:
    import trafilatura

    found = trafilatura.bare_extraction(body, with_metadata=True, include_comments=False)
    return getattr(found, "text", None) or ""


def resiliparse(body: bytes, language: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    return extract_plain_text(bytes_to_str(body, detect_encoding(body)), main_content=True, comments=False)


def readability(body: bytes, language: str) -> str:
    from lxml.html import fromstring
    from readability import Document

    return fromstring(Document(body.decode("utf-8", "replace")).summary()).text_content()


def newspaper4k(body: bytes, language: str) -> str:
    from newspaper import Article

    article = Article("https://a.example/", language=language if language in ("ru", "en") else "en")
    article.download(input_html=body.decode("utf-8", "replace"))
    article.parse()
    return article.text


def news_please(body: bytes, language: str) -> str:
    from newsplease import NewsPlease

    return NewsPlease.from_html(body.decode("utf-8", "replace"), "https://a.example/").maintext or ""


CANDIDATES: dict[str, tuple[str, Candidate]] = {
    "xabar": ("pipeline", xabar),
    "trafilatura with metadata": ("trafilatura", trafilatura_default),
    "resiliparse": ("resiliparse", resiliparse),
    "readability-lxml": ("readability", readability),
    "newspaper4k": ("newspaper", newspaper4k),
    "news-please": ("newsplease", news_please),
}


def main(folder: Path, every: int) -> None:
    """Print a line of JSON for each candidate."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    gold = {row["slug"]: row["text"] for row in load(folder / "gold_text.jsonl")}
    rows = [row for row in load(folder / "manifest.jsonl") if row["slug"] in gold and row["kind"] == "html"]
    half = {row["slug"]: place % 2 for place, row in enumerate(sorted(rows, key=lambda row: row["slug"]))}
    there = {name: read for name, (module, read) in CANDIDATES.items() if find_spec(module)}
    seconds: dict[tuple[str, bool], float] = defaultdict(float)
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    chosen = rows[::every]
    # The first page comes twice more, once in each form, and is not counted then: imports.
    for place, row in enumerate([chosen[0], chosen[0], *chosen], start=-2):
        body = gzip.decompress((folder / row["file"]).read_bytes())
        if place % 2:
            # What cannot be decoded here stays as it is: the candidates read bytes, in whatever character set.
            html = body.decode("utf-8", "surrogateescape")
            body = modernise(html, "https://a.example/", "2026-11-20").encode("utf-8", "surrogateescape")
        for name, read in there.items():
            started = time.process_time()
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                try:
                    text = read(body, row["language"])
                except Exception:  # noqa: BLE001  whatever a candidate raises, it has found no text
                    text = ""
            if place >= 0:
                seconds[name, b"ld+json" in body] += time.process_time() - started
                score = measure_f1(text, gold[row["slug"]])
                for key in (row["language"], f"{row['language']} half {1 + half[row['slug']]}", "all"):
                    scores[name][key].append(score)
    for name in there:
        spent, own = (seconds[who, False] + seconds[who, True] for who in (name, "xabar"))
        speed = round(len(chosen) / spent, 1)
        times = {"all": round(spent / own, 2)} | {
            f"{'with' if modern else 'without'} JSON-LD": round(seconds[name, modern] / seconds["xabar", modern], 2)
            for modern in (True, False)
            if seconds["xabar", modern]
        }
        f1 = {key: round(mean(values), 3) for key, values in sorted(scores[name].items())}
        line = {"candidate": name, "pages_per_second": speed, "xabar_is_times": times}
        print(json.dumps(line | {"pages": len(chosen), "f1": f1}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
