"""The commands `xabar gazetteer ...`: show, match, check, compare and extend the list of names."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.candidate_commands import register as register_candidates
from pipeline.records import Stop

if TYPE_CHECKING:
    from gazetteer.compare import Change, Text
    from gazetteer.match import Matcher

app = typer.Typer(no_args_is_help=True, help="The names we look for: show, match, lint, compare, import, discover.")

ConfigFile = Annotated[Path | None, typer.Option("--config", help="A TOML file whose [gazetteer] lists count too.")]
Language = Annotated[str, typer.Option(help="uz, tg, ru, en or und.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Folder = Annotated[Path, typer.Argument(metavar="DATA_DIR", help="A changed copy of gazetteer/data, or an own list.")]
OldFolder = Annotated[Path, typer.Argument(metavar="OLD", help="A data folder.")]
NewFolder = Annotated[Path, typer.Argument(metavar="NEW", help="Another one.")]
Texts = Annotated[
    list[Path] | None, typer.Argument(metavar="[FILE|-]...", help="JSONL with id, text, maybe language and source.")
]
OptionalDb = Annotated[Path | None, typer.Option("--db", help="Take the stored documents instead.")]
Db = Annotated[Path, typer.Option("--db", help="The SQLite database.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write here instead of to standard output.")]
DEFAULT_DB = Path("xabar.db")
MOST_SHOWN = 20


@app.command("show")
def show_entity(
    entity_id: Annotated[str, typer.Argument(metavar="ID")], config: ConfigFile = None, as_json: AsJson = False
) -> None:
    """Everything the list says of one entity: forms, conditions, relations and who asserts them, designations, facts."""
    from gazetteer.own import read_with_own
    from gazetteer.show import find_entity, render_entity
    from pipeline.config import load_config

    with _readable():
        entity = find_entity(entity_id, read_with_own(load_config(config).gazetteer.paths))
        _print_json(asdict(entity)) if as_json else typer.echo(render_entity(entity))


@app.command("match")
def match_text(text: str, language: Language = "und", config: ConfigFile = None) -> None:
    """Which names stand in TEXT, and why: JSONL."""
    with _readable():
        matcher = _open_live(config)
    for match in matcher.find(text, language):
        typer.echo(json.dumps(match._asdict(), ensure_ascii=False))


@app.command("lint")
def lint_gazetteer(
    folder: Annotated[Path | None, typer.Argument(metavar="[DATA_DIR]", help="Check this folder instead.")] = None,
    config: ConfigFile = None,
) -> None:
    """Check the list: forms too short, ordinary words, words for a faith or people, forms shared without a policy."""
    from gazetteer.entries import read_folder
    from gazetteer.lint import lint
    from gazetteer.own import read_with_own
    from pipeline.config import load_config

    with _readable():
        complaints = lint(read_folder(folder) if folder else read_with_own(load_config(config).gazetteer.paths))
    typer.echo("\n".join(complaints) or "the gazetteer is clean")
    raise typer.Exit(1 if complaints else 0)


@app.command("diff")
def diff_lists(old: OldFolder, new: NewFolder, files: Texts = None, db: OptionalDb = None, as_json: AsJson = False) -> None:
    """What NEW would match differently from OLD in given texts or stored documents; without any, which forms differ."""
    from gazetteer.compare import compare_forms, compare_texts
    from gazetteer.folder import open_matcher

    with _readable():
        before, after = open_matcher(old), open_matcher(new)
        if files or db:
            texts = _stored(db) if db else _read_texts(files or [])
            _print_changes(list(compare_texts(before, after, texts)), as_json)
        else:
            lines = list(compare_forms(before, after))
            _print_json(lines) if as_json else typer.echo("\n".join(lines) or "the same forms")


@app.command("backtest")
def backtest_list(folder: Folder, db: Db = DEFAULT_DB, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Try a changed list on the stored documents before it goes live: new and lost hits by source and language."""
    from gazetteer.compare import compare_texts
    from gazetteer.entries import DATA
    from gazetteer.folder import open_matcher
    from gazetteer.own import open_with_own

    with _readable():
        is_whole = folder.is_dir() and any((folder / path.name).exists() for path in DATA.glob("*.yaml"))
        after = open_matcher(folder) if is_whole else open_with_own([folder])
        _print_changes(list(compare_texts(_open_live(config), after, _stored(db))), as_json)


@app.command("import")
def import_list(
    kind: Annotated[str, typer.Argument(metavar="un|geonames|csv")],
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    persons: Annotated[bool, typer.Option("--persons", help="Also the persons of the UN list.")] = False,
    countries: Annotated[str, typer.Option(help="GeoNames: only these country codes, as AF,TJ,UZ.")] = "",
    out: Out = None,
) -> None:
    """Turn the UN consolidated list (XML), GeoNames places or a CSV into a YAML file to review; policy `context`."""
    from gazetteer import importing

    readers = {
        "un": lambda: importing.import_un(file, persons=persons),
        "geonames": lambda: importing.import_geonames(file, countries=[code for code in countries.split(",") if code]),
        "csv": lambda: importing.import_csv(file),
    }
    if kind not in readers:
        raise Stop(f"unknown list '{kind}' (known: {', '.join(readers)})")
    with _readable():
        rendered = importing.render(*importing.drop_known(readers[kind]()))
        if out is None:
            typer.echo(rendered)
            return
        out.write_text(rendered, "utf-8")
        count = importing.check(out)
    typer.echo(f"{count} entities in {out}: read them, then put the file into gazetteer/data and run 'xabar gazetteer lint'")


register_candidates(app)


def _open_live(config: Path | None) -> "Matcher":
    """The matcher that `xabar run` has under this configuration."""
    from gazetteer.own import open_with_own
    from pipeline.config import load_config

    return open_with_own(load_config(config).gazetteer.paths)


@contextmanager
def _readable() -> Iterator[None]:
    """A fault of the data is one readable line and exit status 2, like every other wrong use."""
    from gazetteer.block import GazetteerError

    try:
        yield
    except GazetteerError as error:
        raise Stop(str(error)) from error
    except OSError as error:
        if error.filename is None:
            raise
        raise Stop(f"{error.filename}: {error.strerror}; name a file or folder that can be read and written") from error


def _stored(db: Path) -> Iterator["Text"]:
    from gazetteer.compare import Text
    from pipeline.store import Store

    with Store.open(db) as store:
        for doc in store.documents.all():
            yield Text(doc.id, doc.text, doc.language, doc.source)


def _read_texts(paths: Iterable[Path]) -> Iterator["Text"]:
    from gazetteer.compare import Text

    for path in paths:
        lines = sys.stdin if str(path) == "-" else path.read_text("utf-8").split("\n")  # splitlines() would part texts at U+2028
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                yield Text(str(row.get("id", number)), row["text"], row.get("language") or "und", row.get("source") or path.name)
            except (ValueError, KeyError, AttributeError) as error:
                raise Stop(f"{path}: line {number}: not a JSON object with `text` ({error})") from error


def _print_changes(changes: list["Change"], as_json: bool) -> None:
    from gazetteer.compare import count_changes

    if as_json:
        _print_json([asdict(change) for change in changes])
        return
    for (change, source, language, entity_id), count in sorted(count_changes(changes).items()):
        typer.echo(f"{change:9} {count:5}  {entity_id}  {source or '-'} {language}")
    for item in changes[:MOST_SHOWN]:
        typer.echo(f"{item.change}: {item.entity_id} in {item.id} ({item.language}): {item.snippet}")
    if len(changes) > MOST_SHOWN:
        typer.echo(f"... and {len(changes) - MOST_SHOWN} more; --json has them all")
    if not changes:
        typer.echo("no hit differs")


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
