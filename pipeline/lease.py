"""One `xabar update` at a time for a database: a lock that a crash frees by itself."""

import fcntl
import os
import socket
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from pipeline.records import Stop


class Lease:
    """Held from `with` to its end, by this process only. Raises Stop saying who holds it, where and since when."""

    def __init__(self, db: Path, what: str = "update") -> None:
        self._path = db.with_name(f"{db.name}.{what}.lease")
        self._what = what
        self._file: TextIOWrapper | None = None

    def __enter__(self) -> "Lease":
        try:
            file = self._path.open("a+", encoding="utf-8")
        except OSError as error:
            raise Stop(f"{self._path}: cannot be written ({error.strerror}); check the folder's permissions and space") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "somebody who has not written a name yet"
            file.close()
            raise Stop(
                f"'xabar {self._what}' runs already: {holder}; let it end, its successor takes over what is due"
            ) from error
        file.seek(0)
        file.truncate()
        since = datetime.now(UTC).isoformat(timespec="seconds")
        file.write(f"process {os.getpid()} on {socket.gethostname()} since {since}\n")
        file.flush()
        self._file = file
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None
