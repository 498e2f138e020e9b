"""What was measured, as a table for a terminal and as the page docs/speed.md; both are made from the JSON alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Found = Mapping[str, Any]
NAMES = {
    "screening": "xabar, screening (no encoder)",
    "cascade": "xabar, encoder where the cascade asks",
    "all": "xabar, encoder on every document",
    "a": "a: news-please, langdetect, PhraseMatcher, spaCy and natasha, sqlite-utils",
    "b": "b: trafilatura, langdetect, one search per name, spaCy and natasha, commit per item",
    "ceiling": "ceiling: the fastest correct part known for each stage, no NER, no bookkeeping",
}
BUDGETS = {  # microseconds per 1,000 characters
    "find_entities": 40,
    "detect_language": 80,
    "cluster": 80,
    "save": 120,
    "classify": 150,
}
MODELS = ("find_names", "reconsider")
HEAD = """# Speed

Made by `make bench` from `docs/speed.json`; change neither by hand. Figures are processor seconds on one core, medians of the
rounds that are named; compare ratios, which hold on other machines, and not pages per second. A candidate that was not run says
why. The references are what a user would pick instead; their scripts belong to the evaluation data.
"""


def make_page(found: Found) -> str:
    """docs/speed.md."""
    parts = [
        HEAD,
        *_say_machine(found),
        *(section for name, make in SECTIONS.items() if name in found for section in make(found[name])),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _say_machine(found: Found) -> Iterator[str]:
    machine = found.get("machine", {})
    if machine:
        yield f"Machine: {machine['cores']} cores, Python {machine['python']}, SQLite {machine['sqlite']}; {machine['pages']}.\n"


def _say_ends(ends: Found) -> Iterator[str]:
    yield f"## HTML bytes to committed rows\n\n{ends['rounds']} rounds, candidates in turn.\n"
    peers = [name for name in ("a", "b", "ceiling") if name in ends["medians"]]
    rows = []
    for name, row in ends["medians"].items():
        if "not_run" in row:
            rows.append([NAMES[name], f"not run: {row['not_run']}", *[""] * (2 + len(peers))])
            continue
        times = [str(row.get("times", {}).get(peer, "")) for peer in peers]
        rows.append([NAMES[name], row["pages_per_cpu_s"], row.get("f1", ""), row["peak_rss_mb"], *times])
    yield _table(["candidate", "pages per CPU s", "text F1", "peak MB", *(f"times {peer}" for peer in peers)], rows)
    yield from _say_stages(ends["medians"])


def _say_stages(medians: Mapping[str, Found]) -> Iterator[str]:
    ours = {name: row for name, row in medians.items() if row.get("characters")}
    if not ours:
        return
    yield "\n## Stage by stage\n\nMicroseconds per 1,000 characters of article text, and the share of the time.\n"
    names = list(dict.fromkeys(stage for row in ours.values() for stage in row["stages_cpu_s"]))
    rows = []
    for stage in names:
        cells: list[Any] = [stage, BUDGETS.get(stage, "")]
        for row in ours.values():
            seconds = row["stages_cpu_s"].get(stage)
            cells += ["", ""] if seconds is None else [per_thousand(row, stage), f"{share(row, [stage]):.1%}"]
        rows.append(cells)
    yield _table(["stage", "budget", *(word for name in ours for word in (f"{name}, µs", "share"))], rows)
    for name, row in ours.items():
        rest = [stage for stage in row["stages_cpu_s"] if stage not in ("extract", "read", *MODELS)]
        encoded = f"; the encoder read {row['encoded']} of {row['pages']} pages" if row.get("encoded") else ""
        yield f"\n{NAMES[name]}: everything but reading, extraction and the encoder is {share(row, rest):.1%}{encoded}."


def per_thousand(row: Found, stage: str) -> int:
    """Microseconds of a stage per 1,000 characters of article text."""
    return round(row["stages_cpu_s"][stage] / row["characters"] * 1e9)


def share(row: Found, stages: Sequence[str]) -> float:
    """The part of the time that these stages take, 0 to 1."""
    seconds = row["stages_cpu_s"]
    return float(sum(seconds.get(stage, 0.0) for stage in stages) / (sum(seconds.values()) or 1.0))


def _say_jobs(jobs: Found) -> Iterator[str]:
    yield (
        f"\n## Two processes\n\n`xabar run --jobs 2` analysed {jobs['times']} times as many pages a second as `--jobs 1`"
        f" ({jobs['pages']} pages, {jobs['load']}). All processes together used {jobs['cpu_ratio']} of the processor time of one;"
        f" the one that writes used {jobs['writer_share']:.0%} of it. Peak memory {jobs['peak_mb']['1']} MB and"
        f" {jobs['peak_mb']['2']} MB."
    )


def _say_growth(growth: Found) -> Iterator[str]:
    yield (
        "\n## Growth\n\nShort documents (about 45 words) into a growing archive: microseconds of processor time per document,"
        f" {growth['batch']} in a transaction. A plain table with full text and nothing else took {growth['plain_us']} in the"
        " same run; ours writes outcome, mentions, labels, queue and audit too.\n"
    )
    rows = [
        [f"{row['documents']:,}", row["save_us"], round(1e6 / row["save_us"]), row["cluster_us"], row["peak_mb"], row["file_mb"]]
        for row in growth["growth"]
    ]
    yield _table(["documents", "save, µs", "saved per CPU s", "find copies, µs", "peak MB", "file MB"], rows)
    last = growth["growth"][-1]["documents"]
    yield f"\n### What is asked of {last:,} documents\n"
    yield _table(
        ["question", "p50, ms", "p95, ms"], [[name, row["p50"], row["p95"]] for name, row in growth["questions_ms"].items()]
    )


def _say_crawl(crawl: Found) -> Iterator[str]:
    plain, engine, whole = (f"{crawl[kind]} pages per CPU s" for kind in ("plain", "engine", "xabar"))
    yield (
        f"\n## Crawl\n\nOn loopback, pages of {crawl['page_kb']} KB: plain Scrapy, which keeps nothing, {plain}; our engine,"
        f" keeping nothing either, {engine} ({crawl['engine_ratio']} of it); `xabar crawl` with hashes, the look for groups' own"
        f" voices, WARC and database {whole} ({crawl['ratio']})."
    )


def _say_start(start: Found) -> Iterator[str]:
    yield "\n## Starting\n"
    yield _table(["command", "CPU s"], [[name, value] for name, value in start.items()])


def _say_archive(archive: Found) -> Iterator[str]:
    yield (
        "\n## Archives: processes and Ray\n\n`xabar archive`, wall seconds, two workers, segments of"
        f" {archive['segment_pages']} pages.\n"
    )
    rows = [[name, archive[name]["few"], archive[name]["many"]] for name in ("processes", "ray") if name in archive]
    yield _table(["", "one segment", f"{archive['pages']:,} pages"], rows)
    if "not_run" in archive:
        yield f"\nRay was not run: {archive['not_run']}."
        return
    yield (
        f"\nRay worked at {archive['ray_is']} of the rate of the processes, start included; at {archive['ray_is_without_start']}"
        " by what the segments after the first one took."
    )


SECTIONS = {"ends": _say_ends, "jobs": _say_jobs, "growth": _say_growth, "archive": _say_archive, "crawl": _say_crawl,
            "start": _say_start}  # fmt: skip


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
