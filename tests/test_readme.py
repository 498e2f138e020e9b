"""README says what is there: the command table is made from the commands, and what it names exists."""

import re
from pathlib import Path

from pipeline.reference import README, replace_table

ROOT = Path(__file__).resolve().parent.parent


def test_the_command_table_is_current() -> None:
    text = README.read_text(encoding="utf-8")
    assert replace_table(text) == text, "run: python -m pipeline.reference"


def test_readme_fits_and_names_only_what_exists() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    for path in re.findall(r"\]\(([^)#:]+)\)|`([\w./-]+/[\w.-]*\.\w+)`", text):
        name = "".join(path)
        assert (ROOT / name).exists(), f"README names {name}, which is not there"


def test_every_command_that_readme_shows_exists() -> None:
    text = README.read_text(encoding="utf-8")
    known = set(re.findall(r"^\| `xabar ([a-z -]+)` \|", text, re.MULTILINE))
    shown = set(re.findall(r"(?:^|`|\| )xabar ((?:sources |gazetteer |models |users )?[a-z]+)", text, re.MULTILINE))
    assert shown
    assert shown <= known, shown - known


def test_every_make_target_that_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", README.read_text(encoding="utf-8"))) <= targets


def test_constraints_name_no_address() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[\w.\[\]-]+==[\w.+!-]+(; [\w\s=!\".]+)?", line), line
