"""The commands over the catalogue of sources. Each a few lines; what they do is one import away."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The catalogue of sources: list, show, check, add.")
CATALOGUE = Path(__file__).resolve().parent.parent / "spiders" / "sources"
Sources = Annotated[
    Path,
    typer.Option("--sources", help="Folder of source files (default: the catalogue that comes with xabar).", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="A TOML file with the settings that you change.")]
Names = Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Source ids; none means all.")]
Name = Annotated[str, typer.Argument(metavar="SOURCE", help="A source's id: the name of its file.")]


@app.command("list")
def list_sources(sources: Sources = CATALOGUE, as_json: AsJson = False) -> None:
    """Every source with country, kind, flags, languages and ways in."""
    from pipeline.report import print_sources, source_rows
    from spiders.source import load_sources

    rows = source_rows(load_sources(sources).values())
    typer.echo(json.dumps(rows, ensure_ascii=False, indent=2)) if as_json else print_sources(rows)


@app.command()
def show(name: Name, sources: Sources = CATALOGUE, as_json: AsJson = False) -> None:
    """Everything known of one source: who speaks, how it is crawled, how much to expect, the legal note of its country."""
    from pipeline.crawl import choose_sources
    from pipeline.report import print_source, source_rows

    [row] = source_rows(choose_sources(sources, [name]).values())
    typer.echo(json.dumps(row, ensure_ascii=False, indent=2)) if as_json else print_source(row)


@app.command()
def check(
    names: Names = None,
    write: Annotated[
        bool, typer.Option("--write/--no-write", help="Write the day into the file of each source that works.")
    ] = True,
    golden: Annotated[Path, typer.Option(help="Folder of golden pages, which are read again and compared.")] = Path("golden"),
    sources: Sources = CATALOGUE,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Ask robots, homepage, every way in and two articles; say what works, what not, and what the site suggests instead.

    Golden pages of the source are read again, from their kept bytes and from the site, and compared with what was recorded.
    """
    from pipeline.config import load_config
    from pipeline.crawl import choose_sources
    from pipeline.inspect_source import as_row, check_sources, mark_verified, today

    chosen = choose_sources(sources, names or [])
    findings = check_sources(chosen, load_config(config), golden)
    for finding in findings:
        if finding.good and write:
            mark_verified(chosen[finding.source], today())
            finding.verified_on = today().isoformat()
    if as_json:
        typer.echo(json.dumps([as_row(finding) for finding in findings], ensure_ascii=False, indent=2))
    for finding in findings if not as_json else ():
        typer.echo(f"{finding.source}: {'works' if finding.good else 'does not work'}")
        for mark, lines in (("+", finding.works), ("-", finding.fails), ("!", finding.changed), ("?", finding.suggests)):
            for line in lines:
                typer.echo(f"  {mark} {line}")
        for article in finding.articles:
            what = article.get("skipped") or f"{article['characters']} characters, {article['language']}, {article['published']}"
            typer.echo(f"  = {article['url']}: {what}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


@app.command()
def record(
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help="An article of this source.")],
    out: Annotated[Path, typer.Option(help="Folder for the page and what was read from it.")] = Path("golden"),
    sources: Sources = CATALOGUE,
    config: ConfigFile = None,
) -> None:
    """Keep one page and what is read from it today: a golden page, so that a later change shows."""
    from pipeline.config import load_config
    from pipeline.crawl import choose_sources
    from pipeline.inspect_source import record_page

    typer.echo(str(record_page(choose_sources(sources, [name])[name], url, load_config(config), out)))


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The homepage of the new source.")],
    name: Annotated[str, typer.Option(prompt="Name of the source")],
    country: Annotated[str, typer.Option(prompt="Country, two letters, XX for several")],
    languages: Annotated[str, typer.Option(prompt="Languages, such as uz,ru")],
    kind: Annotated[str, typer.Option(prompt="Kind, such as news-site")],
    out: Annotated[Path, typer.Option(help="Your own folder of source files.")] = Path("sources"),
    config: ConfigFile = None,
) -> None:
    """Look at a site, and write a source file with the ways in that it declares; 'xabar sources check' vouches for it."""
    from urllib.parse import urlsplit

    from pipeline.config import load_config
    from pipeline.inspect_source import look_at, make_file
    from pipeline.records import Stop
    from spiders.source import load_source

    path = out / f"{(urlsplit(url).hostname or 'new').removeprefix('www.').replace('.', '-')}.toml"
    if path.exists():
        raise Stop(f"{path}: is there already; change it, or remove it first")
    finding = look_at(url, load_config(config))
    text = make_file(url, finding, name=name, country=country, languages=languages.split(","), kind=kind)
    out.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    try:
        load_source(path)
    except Stop:
        path.unlink()
        raise
    typer.echo(f"{path}: written with {len(finding.suggests)} ways in that the site declares; look it over, then run:")
    typer.echo(f"xabar sources check {path.stem} --sources {out}")
