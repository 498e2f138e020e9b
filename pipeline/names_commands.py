"""`xabar models export` and `xabar models docbin`: our entity model and annotated texts for plain spaCy."""

from pathlib import Path
from typing import Annotated

import typer

from models import LANGUAGES
from pipeline.records import Stop

Language = Annotated[str, typer.Option("--language", help="uz, tg, ru or en.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet, or an empty one.")]
AsSpacy = Annotated[bool, typer.Option("--spacy", help="As a spaCy pipeline, the one form there is.")]
Source = Annotated[Path, typer.Argument(metavar="IN", help="A .jsonl or .spacy file.")]
Target = Annotated[Path, typer.Argument(metavar="OUT", help="A .spacy or .jsonl file.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group `xabar models`."""
    app.command("export")(export)
    app.command("docbin")(convert_docbin)


def export(folder: Folder, language: Language, spacy: AsSpacy = True) -> None:  # noqa: ARG001  # says the form
    """Write a spaCy pipeline with our names and the gazetteer, which `spacy.load(DIR)` opens wherever xabar is installed."""
    if language not in LANGUAGES:
        raise Stop(f"--language {language!r} is unknown (known: {', '.join(LANGUAGES)})")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Stop(f"{folder}: is there already; name a new folder")
    import gazetteer.spacy_component  # noqa: F401  # registers its factory, also where no entry point does
    import models.entities.spacy_component  # noqa: F401  # same
    from models.entities.docbin import make_blank

    nlp = make_blank(language)
    nlp.add_pipe("xabar_names")
    nlp.add_pipe("xabar_gazetteer")
    nlp.meta |= {"name": "xabar", "license": "Apache-2.0", "requirements": ["xabar"]}
    nlp.to_disk(folder)
    typer.echo(f"{folder}: pipeline {', '.join(nlp.pipe_names)}; spacy.load({str(folder)!r}) opens it")


def convert_docbin(source: Source, target: Target) -> None:
    """Turn annotated texts, JSONL {"id", "language", "text", "spans"}, into spaCy's DocBin, or the other way round."""
    from models.entities.docbin import BadSpans, read_docbin, read_jsonl, write_docbin
    from pipeline.scan import dump

    try:
        match source.suffix, target.suffix:
            case ".jsonl", ".spacy":
                count = write_docbin(read_jsonl(source), target)
            case ".spacy", ".jsonl":
                lines = [dump(row) for row in read_docbin(source)]
                target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
                count = len(lines)
            case _:
                raise Stop(f"{source} to {target}: one must end in .jsonl and the other in .spacy")
    except (OSError, ValueError, KeyError) as error:
        raise Stop(f"{source}: {error if isinstance(error, BadSpans | OSError) else f'cannot be read ({error!r})'}") from error
    typer.echo(f"{target}: {count} texts")
