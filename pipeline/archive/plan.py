"""What an archive job is: its segments, its folder and its settings, and where each unit of work leaves its file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.records import Stop
from spiders.source import Source

MANIFEST = "archive.json"
FORMAT = 1
READ, ANALYSE, CHECK = "read", "analyse", "check"
PART_BATCHES = 8  # batches in one part, the unit of the second pass


@dataclass(frozen=True, slots=True)
class Plan:
    """Travels to every process: nothing in it but values."""

    out: Path
    segments: tuple[Path, ...]
    sources: Mapping[str, Source]
    fixed: Source | None
    cascade: bool
    batch_size: int
    lists: tuple[Path, ...] = ()

    @property
    def work(self) -> Path:
        """What lies here is needed until the job is done; it holds texts."""
        return self.out / "work"

    def file(self, leg: str, number: int) -> Path:
        """What a unit of a pass leaves."""
        return self.work / f"{leg}-{number:06d}.jsonl"

    def bad(self, segment: int) -> Path:
        """Records of a segment that could not be read."""
        return self.work / f"bad-{segment:06d}.jsonl"

    def part(self, number: int) -> Path:
        """The items of one part, on their way to the second pass."""
        return self.work / f"part-{number:06d}.jsonl"

    def at(self, leg: str, number: int) -> Path:
        """Which item a unit is working on, for the case that it kills its process."""
        return self.work / f"{leg}-{number:06d}.at"

    def name(self, segment: int) -> str:
        """The name of a segment in the output."""
        return f"{segment:05d}-{self.segments[segment].name.removesuffix('.gz').removesuffix('.warc')}"

    def begin(self) -> bool:
        """Make the folder, or take up a job that was begun with the same segments; False when it is done. Raises Stop."""
        said = {
            "format": FORMAT,
            "segments": [[path.name, path.stat().st_size] for path in self.segments],
            "fixed": self.fixed.id if self.fixed else "",
        }
        manifest = self.out / MANIFEST
        if manifest.is_file():
            before = read_manifest(self.out)
            if {key: before.get(key) for key in said} != said:
                raise Stop(f"{self.out}: was begun with other segments; give the same ones in the same order, or another --out")
            return not before["done"]
        if self.out.exists() and any(self.out.iterdir()):
            raise Stop(f"{self.out}: is not empty and holds no archive job; name another folder with --out")
        self.work.mkdir(parents=True, exist_ok=True)
        self.write_manifest(said | {"done": False})
        return True

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Say in the manifest that everything is there."""
        self.write_manifest(read_manifest(self.out) | {"done": True, "summary": dict(summary)})

    def write_manifest(self, said: Mapping[str, Any]) -> None:
        """Replace the manifest as a whole."""
        partial = self.out / f"{MANIFEST}.partial"
        partial.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        partial.replace(self.out / MANIFEST)


def read_manifest(out: Path) -> dict[str, Any]:
    """What a folder's manifest says. Raises Stop."""
    try:
        found: dict[str, Any] = json.loads((out / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Stop(f"{out / MANIFEST}: cannot be read ({error}); 'xabar archive --out {out}' writes it") from error
    if found.get("format") != FORMAT:
        raise Stop(f"{out / MANIFEST}: written by another version of xabar; make the archive anew")
    return found
