"""What the archive was analysed with: changes of the configuration and of the gazetteer, written into the audit."""

from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from gazetteer.block import GazetteerError
from gazetteer.entries import DATA
from gazetteer.own import iter_own_files
from pipeline.config import Config
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.chain import digest

CONFIGURATION, GAZETTEER = "configuration", "gazetteer"


def record_state(store: Store, config: Config) -> None:
    """Write the hash of every section and of every gazetteer file, where one differs from the audit's newest."""
    store.ledger.record_change(CONFIGURATION, _configuration(config))
    files = {path.name: path for path in sorted(DATA.glob("*.yaml"))} | {str(path): path for path in _own(config)}
    hashes = {name: sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    store.ledger.record_change(GAZETTEER, hashes)


def _own(config: Config) -> list[Path]:
    try:
        return list(iter_own_files(config.gazetteer.paths))
    except GazetteerError as error:
        raise Stop(str(error)) from error


def _configuration(config: Config) -> dict[str, Any]:
    # Hashes, because a setting may be an address or a password.
    return {name: digest(settings) for name, settings in asdict(config).items()}
