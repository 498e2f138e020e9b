"""What a source is, and the strict loader of its TOML file."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cssselect import SelectorError
from cssselect import parse as parse_selector

from pipeline.records import Layout, Stop
from spiders.country import country

KINDS = ("news-agency", "newspaper", "news-site", "broadcaster", "think-tank", "ngo", "igo", "government", "opposition-outlet")
REFUSED_KINDS = {
    "social-media": "accounts belong to persons, and persons are out of scope",
    "extremist-primary-source": "propaganda is never fetched",
}
# What a reader has to know of whoever speaks; shown beside every item.
FLAGS = {
    "state": "owned or run by a state",
    "state-funded": "paid for by a state",
    "military-funded": "paid for by a military command",
    "party": "organ of a political party",
    "party-to-conflict": "speaks for a party to the conflict",
    "exile": "published from exile",
    "reprints": "reprints what others published",
}
START_KINDS = ("feed", "sitemap", "listing", "report", "addresses")
# A source may publish in more languages than we read: what is in another one is skipped, and counted, after it was fetched.
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
REQUIRED: dict[str, type] = {
    "name": str, "homepage": str, "country": str, "languages": list, "kind": str, "start": list, "allow": list}
OPTIONAL: dict[str, type] = {"note": str, "hosts": list, "flags": list, "interval_hours": int, "per_week": int,
                             "paused": str, "verified": bool, "verified_on": date, "layout": dict}
TYPES = {str: "a text", list: "a list", bool: "true or false", int: "a whole number", date: "a day such as 2026-09-22",
         dict: 'a table such as {text = "article .body", drop = [".related"]}'}
PLAIN = ("note", "verified", "interval_hours", "per_week", "paused", "verified_on")
LAYOUT_KEYS = ("text", "title", "date", "drop")
DEFAULT_INTERVAL_HOURS = 6
MAX_INTERVAL_HOURS = 24 * 31


class SourceError(Stop):
    """A source file is wrong; the message names the file, the key and what is known."""


@dataclass(frozen=True, slots=True)
class Start:
    """One way into a source: where its articles are announced."""

    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher we crawl. `hosts` are the only ones that are asked, `allow` the paths where articles are."""

    id: str
    name: str
    homepage: str
    country: str
    languages: tuple[str, ...]
    kind: str
    start: tuple[Start, ...]
    allow: tuple[str, ...]
    hosts: frozenset[str]
    note: str = ""
    verified: bool = True
    flags: tuple[str, ...] = ()
    interval_hours: int = DEFAULT_INTERVAL_HOURS
    per_week: int | None = None
    paused: str = ""
    verified_on: date | None = None
    path: Path | None = None
    layout: Layout | None = None

    @property
    def legal(self) -> str:
        """What to have checked in the source's country before it is crawled."""
        return country(self.country).legal

    def owns(self, url: str) -> bool:
        """Whether the address lies on the source's own hosts, by http or https."""
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and parts.netloc.lower() in self.hosts

    def allows(self, url: str) -> bool:
        """Whether an article may lie at this address."""
        return self.owns(url) and (urlsplit(url).path or "/").startswith(self.allow)


def load_sources(folder: Path) -> dict[str, Source]:
    """Every `**/*.toml` of the folder by its id, the file's name. Raises SourceError."""
    if not folder.is_dir():
        raise SourceError(f"{folder}: no such folder of source files; name another with --sources")
    sources: dict[str, Source] = {}
    for path in sorted(folder.rglob("*.toml")):
        source = load_source(path)
        if source.id in sources:
            raise SourceError(f"{path}: another file is called '{path.name}' too; a source's id is its file name, rename one")
        sources[source.id] = source
    _check_shared(sources)
    return sources


def _check_shared(sources: Mapping[str, "Source"]) -> None:
    """An address is fetched once: two sources that announce their articles in one place are one source."""
    owners: dict[str, str] = {}
    for source in sources.values():
        for start in source.start:
            first = owners.setdefault(start.url, source.id)
            if first != source.id:
                raise SourceError(f"{source.path}: start: {start.url} is a way into '{first}' too; give it to one of them")


def load_source(path: Path) -> Source:
    """One source file. Raises SourceError."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: not valid TOML: {error}") from error
    _check_keys(path, values)
    _check_values(path, values)
    hosts = _hosts(path, values)
    starts = tuple(Start(kind, url) for entry in values["start"] for kind, url in _check_start(path, entry, hosts).items())
    return Source(id=path.stem, name=values["name"], homepage=values["homepage"], country=values["country"],
                  languages=tuple(values["languages"]), kind=values["kind"], start=starts, allow=tuple(values["allow"]),
                  hosts=hosts, flags=tuple(values.get("flags", ())), path=path, layout=_layout(path, values.get("layout")),
                  **{key: values[key] for key in PLAIN if key in values})


@cache
def denied_hosts() -> dict[str, str]:
    """The deny list: host -> reason."""
    text = Path(__file__).with_name("deny.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["hosts"])


def why_denied(host: str) -> str | None:
    """The reason why this host, or a domain above it, is never asked; None when it is not on the list."""
    labels = host.lower().rstrip(".").split(".")
    return next((reason for start in range(len(labels)) if (reason := denied_hosts().get(".".join(labels[start:])))), None)


def _check_keys(path: Path, values: dict[str, Any]) -> None:
    known = REQUIRED | OPTIONAL
    for key, value in values.items():
        if key not in known:
            close = difflib.get_close_matches(key, list(known), n=1)
            hint = f"; did you mean '{close[0]}'?" if close else f" (known: {', '.join(known)})"
            raise SourceError(f"{path}: unknown key '{key}'{hint}")
        if type(value) is not known[key]:
            raise SourceError(f"{path}: {key} must be {TYPES[known[key]]}, not {value!r}")
        if isinstance(value, list) and key != "start" and not all(isinstance(item, str) and item for item in value):
            raise SourceError(f"{path}: {key} must be a list of texts, not {value!r}")
    if missing := [key for key in REQUIRED if not values.get(key)]:
        raise SourceError(f"{path}: {', '.join(missing)} is missing or empty")


def _check_values(path: Path, values: dict[str, Any]) -> None:
    kind = values["kind"]
    if not re.fullmatch("[A-Za-z]{2}", values["country"]):
        raise SourceError(f"{path}: country is a code of two letters such as UZ, or XX for several, not {values['country']!r}")
    if kind in REFUSED_KINDS:
        raise SourceError(f"{path}: kind '{kind}' cannot be crawled: {REFUSED_KINDS[kind]}")
    if kind not in KINDS:
        raise SourceError(f"{path}: unknown kind '{kind}' (known: {', '.join(KINDS)})")
    if wrong := [language for language in values["languages"] if not LANGUAGE.fullmatch(language)]:
        raise SourceError(f"{path}: languages are codes such as uz, tg, ru, en or fa, not {wrong[0]!r}")
    if wrong := [flag for flag in values.get("flags", ()) if flag not in FLAGS]:
        raise SourceError(f"{path}: unknown flag {wrong[0]!r} (known: {', '.join(FLAGS)})")
    if not 1 <= values.get("interval_hours", 1) <= MAX_INTERVAL_HOURS:
        raise SourceError(f"{path}: interval_hours must be from 1 to {MAX_INTERVAL_HOURS}, not {values['interval_hours']}")
    if wrong := [prefix for prefix in values["allow"] if not prefix.startswith("/")]:
        raise SourceError(f"{path}: allow holds path prefixes such as '/news/', not {wrong[0]!r}")


def _layout(path: Path, table: dict[str, Any] | None) -> Layout | None:
    if table is None:
        return None
    if unknown := [key for key in table if key not in LAYOUT_KEYS]:
        raise SourceError(f"{path}: layout: unknown key '{unknown[0]}' (known: {', '.join(LAYOUT_KEYS)})")
    drop = table.get("drop", [])
    for selector in [*(table.get(key, "") for key in LAYOUT_KEYS[:3]), *(drop if isinstance(drop, list) else [drop])]:
        try:
            selector == "" or parse_selector(selector)
        except (SelectorError, TypeError) as error:
            raise SourceError(f"{path}: layout: {selector!r} is no CSS selector ({error})") from error
    return Layout(**{key: table.get(key, "") for key in LAYOUT_KEYS[:3]}, drop=tuple(drop))


def _hosts(path: Path, values: dict[str, Any]) -> frozenset[str]:
    own = _netloc(path, "homepage", values["homepage"])
    twin = own.removeprefix("www.") if own.startswith("www.") else f"www.{own}"
    hosts = {own, twin, *(host.lower() for host in values.get("hosts", ()))}
    for host in hosts:
        if reason := why_denied(host.rsplit(":", 1)[0]):
            raise SourceError(f"{path}: host {host} is on the deny list: {reason}")
    return frozenset(hosts)


def _check_start(path: Path, entry: Any, hosts: frozenset[str]) -> dict[str, str]:
    if not isinstance(entry, dict) or len(entry) != 1:
        raise SourceError(f"{path}: start holds entries such as {{feed = \"https://...\"}}, not {entry!r}")
    [(kind, url)] = entry.items()
    if kind not in START_KINDS:
        raise SourceError(f"{path}: start: unknown way '{kind}' (known: {', '.join(START_KINDS)})")
    if not isinstance(url, str) or _netloc(path, f"start: {kind}", url) not in hosts:
        own = ", ".join(sorted(hosts))
        raise SourceError(f"{path}: start: {url} is not on the source's own hosts ({own}); add its host to hosts if it is theirs")
    return {kind: url}


def _netloc(path: Path, key: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise SourceError(f"{path}: {key} must be an address such as https://news.example/, not {url!r}")
    return parts.netloc.lower()
