"""The command table of README.md, made from the commands themselves: `python -m pipeline.reference` writes it anew."""

from pathlib import Path

import typer

from pipeline.cli import app

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- commands: written by python -m pipeline.reference -->", "<!-- end of commands -->"


def make_table() -> str:
    """A Markdown table: every command with the first sentence of its help."""
    lines = ["| command | what it does |", "|---|---|"]
    for name, command in _walk(typer.main.get_command(app), ""):
        lines.append(f"| `xabar {name}` | {_first_sentence(command.help or '')} |")
    return "\n".join(lines)


def replace_table(text: str) -> str:
    """README's text with the table between its two marks made anew."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{make_table()}\n{END}{rest.split(END)[1]}"


def _walk(group: object, prefix: str) -> list[tuple[str, typer.core.TyperCommand]]:
    found = []
    for name, command in getattr(group, "commands", {}).items():
        inner = _walk(command, f"{prefix}{name} ")
        found += inner or [(f"{prefix}{name}", command)]
    return found


def _first_sentence(text: str) -> str:
    line = " ".join(text.split())
    return (line.split(". ")[0].rstrip(".") + ".").replace("|", "\\|")


if __name__ == "__main__":
    README.write_text(replace_table(README.read_text(encoding="utf-8")), encoding="utf-8")
