"""`xabar crawl`: the configuration becomes Scrapy settings, and the spiders' pages go to the archive."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from pipeline.config import Config
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.connection import now
from spiders.crawl import crawl as crawl_sources
from spiders.patience import MAX_REST_SECONDS
from spiders.settings import crawl_settings, is_loopback
from spiders.source import Source, load_sources
from spiders.tally import Tally

KEPT = ("id", "name", "homepage", "country", "languages", "kind", "note", "flags", "legal", "layout")


def choose_sources(folder: Path, wanted: Sequence[str]) -> dict[str, Source]:
    """The named sources, or all that are not paused. Raises Stop for an unknown name or an empty folder."""
    sources = load_sources(folder)
    if not sources:
        raise Stop(f"{folder}: no source files (*.toml) there; name another folder with --sources")
    unknown = [name for name in wanted if name not in sources]
    if unknown:
        raise Stop(f"unknown source {', '.join(map(repr, unknown))} in {folder} (known: {', '.join(sorted(sources))})")
    if wanted:
        return {name: sources[name] for name in wanted}
    return {name: source for name, source in sources.items() if not source.paused}


def check_contact(sources: Mapping[str, Source], config: Config) -> None:
    """Raise Stop when a source is not on this machine and the requests would carry no contact."""
    foreign = [source.id for source in sources.values() if not all(is_loopback(host) for host in source.hosts)]
    if foreign and not config.crawl.contact:
        raise Stop(
            f"[crawl] contact is empty, and {foreign[0]} is somebody else's server: write an address that they can reach you at, "
            'such as contact = "desk@your.org", under [crawl] in a file, and name that file with --config'
        )


def crawl(
    store: Store,
    sources: Mapping[str, Source],
    config: Config,
    *,
    limit: int | None,
    show: Callable[[Tally], None],
    due: Mapping[str, str] = MappingProxyType({}),
    budget_seconds: float = 0.0,
) -> Tally:
    """Fetch what is new at each source into the store. A crawl can be killed at any moment and run again.

    `due` says since when a source is due; with a budget the crawl stops asking after so many seconds. A source that the gate for
    promotional content has paused is left out, also when it is named.
    """
    paused = store.gate.paused()
    sources = {name: source for name, source in sources.items() if name not in paused}
    store.ledger.save_sources({key: getattr(source, key) for key in KEPT} for source in sources.values())
    store.visits.plan({name: due.get(name) or now() for name in sources})
    settings = crawl_settings(
        contact=config.crawl.contact,
        delay=config.crawl.delay_seconds,
        loopback_delay=config.crawl.loopback_delay_seconds,
        timeout=config.crawl.timeout_seconds,
        max_bytes=config.crawl.max_bytes,
        allow_private_hosts=config.crawl.allow_private_hosts,
        item_pipeline="pipeline.intake.Intake",
        sources=sources.values(),
    ) | ({"CLOSESPIDER_TIMEOUT": budget_seconds} if budget_seconds else {})
    store.visits.start(sources)
    try:
        tally = crawl_sources(
            dict(sources),
            limit=limit,
            settings=settings,
            fetch_log=store.pages,
            archive=store,
            resting=find_resting(store),
            show=show,
        )
    except OSError as error:
        why = f"cannot be written ({error.strerror}); what was acknowledged is whole, make room and run it again"
        raise Stop(f"{store.evidence_folder}: {why}") from error
    store.visits.end(asdict(row) for row in tally.rows())
    _rest_hosts(store, tally)
    return tally


def find_resting(store: Store) -> dict[str, str]:
    """Hosts that are not to be asked yet, with the reason."""
    return {
        host: f"left alone until {row['wait_until']} ({row['reason']})"
        for host, row in store.visits.hosts().items()
        if row["wait_until"] > now()
    }


def _rest_hosts(store: Store, tally: Tally) -> None:
    """Each time that a host turns us away again it is left alone twice as long, a day at most."""
    known, (resting, well) = store.visits.hosts(), tally.hosts()
    rows = []
    for rest in resting:
        failures = known.get(rest.host, {"failures": 0})["failures"] + 1
        seconds = min(MAX_REST_SECONDS, rest.seconds * 2 ** min(failures - 1, 10))
        until = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds")
        rows.append({"host": rest.host, "failures": failures, "wait_until": until, "reason": rest.reason})
    store.visits.rest_hosts(rows, well)
