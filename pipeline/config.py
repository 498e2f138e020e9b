"""The one module that reads the configuration: strict, so that a typing slip stops instead of doing nothing."""

import difflib
import tomllib
from dataclasses import dataclass, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pipeline.records import Stop
from pipeline.score import Priority

DEFAULT = Path(__file__).with_name("default.toml")
LEAST_DELAY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Crawl:
    """[crawl]: how we behave towards other people's servers."""

    contact: str
    delay_seconds: float
    loopback_delay_seconds: float
    timeout_seconds: float
    max_bytes: int
    allow_private_hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """[run]: how pages are analysed."""

    batch_size: int
    jobs: int
    cascade: bool


@dataclass(frozen=True, slots=True)
class Storing:
    """[store]: what of the findings is kept."""

    persons: str


@dataclass(frozen=True, slots=True)
class Names:
    """[gazetteer]: your own names beside the shipped ones."""

    lists: tuple[str, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files and folders of `lists`."""
        return tuple(map(Path, self.lists))


@dataclass(frozen=True, slots=True)
class Score:
    """[score]: what is put in front of an analyst, and in which order."""

    flag_at: float
    look_from: float
    novelty_weight: float
    severity_weight: float
    severity: dict[str, float]


@dataclass(frozen=True, slots=True)
class Review:
    """[review]: where the review page listens, who gets in, and how the work is dealt out."""

    host: str
    port: int
    public_url: str
    session_hours: float
    proxy_header: str
    proxy_addresses: tuple[str, ...]
    second_share: float
    second_from_score: float
    gold_every: int
    four_eyes_items: int
    break_minutes: int
    session_items: int
    contact: str


@dataclass(frozen=True, slots=True)
class Retention:
    """[retention]: how long the bodies of unflagged items are kept."""

    days: int


@dataclass(frozen=True, slots=True)
class Models:
    """[models]: where retraining keeps its records besides the database."""

    mlflow_uri: str


@dataclass(frozen=True, slots=True)
class Update:
    """[update]: one run of everything."""

    budget_minutes: float
    digest_folder: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """[alarm]: who is told when a source becomes ill or well; empty means nobody."""

    webhook: str
    email_to: str
    email_from: str
    smtp_host: str
    smtp_port: int


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting; see default.toml for what each one means."""

    crawl: Crawl
    run: Run
    store: Storing
    gazetteer: Names
    score: Score
    review: Review
    retention: Retention
    models: Models
    update: Update
    alarm: Alarm


SECTIONS = {
    "crawl": Crawl,
    "run": Run,
    "store": Storing,
    "gazetteer": Names,
    "score": Score,
    "review": Review,
    "retention": Retention,
    "models": Models,
    "update": Update,
    "alarm": Alarm,
}


def load_config(path: Path | None = None) -> Config:
    """The defaults, changed by the file at `path`. Raises Stop naming the file, the key and what is known."""
    values = tomllib.loads(DEFAULT.read_text(encoding="utf-8"))
    if path is not None:
        for section, settings in _read(path).items():
            _merge(values, path, section, settings)
        _resolve_lists(values["gazetteer"], path)
    config = Config(**{name: _make(name, values[name], path or DEFAULT) for name in SECTIONS})
    _check(config, path or DEFAULT)
    return config


def make_priority(score: Score) -> Priority:
    """The [score] section as the stage reads it."""
    return Priority(**{field.name: getattr(score, field.name) for field in fields(Score)})


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Stop(f"{path}: cannot be read ({error.strerror}); check the name given with --config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Stop(f"{path}: not valid TOML: {error}") from error


def _resolve_lists(settings: dict[str, Any], path: Path) -> None:
    """A file of names stands where the configuration that names it stands, wherever the command is given."""
    lists = settings["lists"]
    if isinstance(lists, list) and all(isinstance(name, str) for name in lists):
        settings["lists"] = [str(path.resolve().parent / Path(name).expanduser()) for name in lists]


def _merge(values: dict[str, Any], path: Path, section: str, settings: Any) -> None:
    if section not in values:
        raise Stop(f"{path}: unknown section [{section}]{_suggest(section, values)}")
    if not isinstance(settings, dict):
        raise Stop(f"{path}: '{section}' must be a section: write [{section}] on a line of its own")
    for key, value in settings.items():
        if key not in values[section]:
            raise Stop(f"{path}: [{section}] unknown key '{key}'{_suggest(key, values[section])}")
        known = values[section][key]
        values[section][key] = _merge_table(path, f"[{section}.{key}]", known, value) if isinstance(known, dict) else value


def _merge_table(path: Path, where: str, known: dict[str, float], changed: Any) -> dict[str, float]:
    """A table of numbers between 0 and 1 with what the file changes of it."""
    if not isinstance(changed, dict):
        raise Stop(f"{path}: {where} must be a table of numbers")
    for name, value in changed.items():
        if name not in known:
            raise Stop(f"{path}: {where} unknown key '{name}'{_suggest(name, known)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise Stop(f"{path}: {where} {name} = {value!r}: must be a number from 0 to 1")
    return known | changed


def _make(section: str, settings: dict[str, Any], path: Path) -> Any:
    kind = SECTIONS[section]
    return kind(**{field.name: _typed(path, section, field.name, field.type, settings[field.name]) for field in fields(kind)})


def _typed(path: Path, section: str, key: str, wanted: Any, value: Any) -> Any:
    if wanted is float and type(value) is int:
        value = float(value)
    if wanted == tuple[str, ...] and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if type(value) is wanted or isinstance(value, dict):
        return value
    names = {str: "a text in quotes", int: "a whole number", float: "a number", bool: "true or false"}
    raise Stop(f"{path}: [{section}] {key} = {value!r}: must be {names.get(wanted, 'a list of texts')}")


def _check(config: Config, path: Path) -> None:
    crawl = config.crawl
    limits = [
        ("crawl", "delay_seconds", crawl.delay_seconds, LEAST_DELAY_SECONDS, 3600.0),
        ("crawl", "loopback_delay_seconds", crawl.loopback_delay_seconds, 0.0, 3600.0),
        ("crawl", "timeout_seconds", crawl.timeout_seconds, 1.0, 600.0),
        ("crawl", "max_bytes", crawl.max_bytes, 10_000, 100_000_000),
        ("run", "batch_size", config.run.batch_size, 1, 10_000),
        ("run", "jobs", config.run.jobs, 0, 256),
        ("retention", "days", config.retention.days, 0, 36_500),
        ("score", "flag_at", config.score.flag_at, 0.0, 1.0),
        ("score", "look_from", config.score.look_from, 0.0, 1.0),
        ("score", "novelty_weight", config.score.novelty_weight, 0.0, 5.0),
        ("score", "severity_weight", config.score.severity_weight, 0.0, 5.0),
        ("review", "port", config.review.port, 0, 65535),
        ("update", "budget_minutes", config.update.budget_minutes, 0.0, 10_000.0),
        ("alarm", "smtp_port", config.alarm.smtp_port, 1, 65535),
        ("review", "session_hours", config.review.session_hours, 0.1, 720.0),
        ("review", "second_share", config.review.second_share, 0.0, 1.0),
        ("review", "second_from_score", config.review.second_from_score, 0.0, 2.0),
        ("review", "gold_every", config.review.gold_every, 0, 1000),
        ("review", "four_eyes_items", config.review.four_eyes_items, 1, 1_000_000),
        ("review", "break_minutes", config.review.break_minutes, 0, 600),
        ("review", "session_items", config.review.session_items, 0, 100_000),
    ]
    for section, key, value, least, most in limits:
        if not least <= value <= most:
            raise Stop(f"{path}: [{section}] {key} = {value}: must be from {least} to {most}")
    if config.store.persons not in ("gazetteer", "all"):
        raise Stop(f"{path}: [store] persons = {config.store.persons!r}: must be 'gazetteer' or 'all'")
    for text in crawl.allow_private_hosts:
        try:
            ip_network(text)
        except ValueError as error:
            raise Stop(f"{path}: [crawl] allow_private_hosts: {text!r} is no address range such as '127.0.0.0/8'") from error


def _suggest(word: str, known: Any) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else f" (known: {', '.join(known)})"
