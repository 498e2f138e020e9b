"""Keep compiled lists in the user's cache folder, so that the next start reads one file instead of compiling.

The name of a file is the hash of the data and of the code that compiles it; inside, a header with sizes and the hash of
what follows. What does not fit is compiled again; nothing in the file is ever executed. Without a folder that can be
written (a read-only system, no home) everything works, only slower.
"""

import json
import os
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

from gazetteer.compiled import Compiled
from gazetteer.cut import Cut, Groups
from gazetteer.packed import Packed

FORMAT = "xabar-gazetteer 2"
MOST_KEPT = 8
PACKED = 7  # lists of byte strings in a compiled list, see _split
_CODE = Path(__file__).parent


def load_compiled(folder: Path, build: Callable[[], Compiled], more: Iterable[Path] = ()) -> Compiled:
    """The compiled list of a data folder and `more` files: from the cache, or built and put there."""
    key = hash_inputs(folder, more)
    path = find_cache_path(key)
    compiled = path and read_compiled(path, key)
    if compiled:
        return compiled
    compiled = build()
    if path:
        write_compiled(path, key, compiled)
    return compiled


def hash_inputs(folder: Path, more: Iterable[Path] = ()) -> str:
    """The hash of everything a compiled list depends on: the data, the shipped data it falls back on, and our code."""
    found = blake2b(f"{FORMAT} {sys.byteorder} {array('I').itemsize}".encode(), digest_size=16)
    for name, path in (*_iter_inputs(folder), *((f"more/{path.name}", path) for path in more)):
        data = path.read_bytes()
        found.update(f"{name} {len(data)}\n".encode())
        found.update(data)
    return found.hexdigest()


def find_cache_path(key: str) -> Path | None:
    """Where the compiled list with this key is kept: under XDG_CACHE_HOME or ~/.cache; None without a home."""
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return base / "xabar" / f"gazetteer-{key}.bin"


def read_compiled(path: Path, key: str) -> Compiled | None:
    """The list in a cache file, or None where there is none, it is not ours, not whole, or for other data."""
    try:
        with path.open("rb") as stream:
            if hasattr(os, "getuid") and os.fstat(stream.fileno()).st_uid != os.getuid():
                return None
            header, body = json.loads(stream.readline()), memoryview(stream.read())
        if header["format"] != FORMAT or header["key"] != key or header["hash"] != _hash(body):
            return None
        parts, place = [], 0
        for size in header["sizes"]:
            parts.append(bytes(body[place : place + size]))
            place += size
        return _join(parts)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_compiled(path: Path, key: str, compiled: Compiled) -> None:
    """Write beside and move into place, so that nobody reads half a file; what cannot be written is done without."""
    parts = _split(compiled)
    body = b"".join(parts)
    header = {"format": FORMAT, "key": key, "hash": _hash(body), "sizes": [len(part) for part in parts]}
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix="new-", suffix=".bin", delete=False) as stream:
            stream.write(json.dumps(header).encode() + b"\n" + body)
        Path(stream.name).replace(path)
        _prune(path.parent)
    except OSError:
        return


def _iter_inputs(folder: Path) -> Iterator[tuple[str, Path]]:
    for name, root in (("code", _CODE), ("own", folder)):
        for path in sorted(root.glob("**/*.*")):
            if path.suffix in {".py", ".yaml", ".json"}:
                yield f"{name}/{path.relative_to(root).as_posix()}", path


def _hash(body: "bytes | memoryview") -> str:
    return blake2b(body, digest_size=16).hexdigest()


def _split(compiled: Compiled) -> list[bytes]:
    cut = compiled.cut
    packed = [compiled.keys, compiled.rows, compiled.packed_entities, cut.heads]
    packed += [groups.patterns for groups in (cut.near, cut.glued, cut.far)]
    arrays = [cut.stops, *(numbers for groups in (cut.near, cut.glued, cut.far) for numbers in (groups.stops, groups.keys))]
    parts = [part for one in packed for part in (one.blob, one.ends.tobytes())] + [numbers.tobytes() for numbers in arrays]
    return [*parts, cut.capitals, compiled.flags, compiled.packed_facts]


def _join(parts: list[bytes]) -> Compiled:
    *parts, capitals, flags, facts = parts
    pieces = iter(parts)
    keys, rows, entities, heads, *patterns = (Packed(next(pieces), _numbers(next(pieces))) for _ in range(PACKED))
    stops = _numbers(next(pieces))
    near, glued, far = (Groups(packed, _numbers(next(pieces)), _numbers(next(pieces))) for packed in patterns)
    return Compiled(keys, flags, Cut(heads, stops, capitals, near, glued, far), rows, entities, facts)


def _numbers(data: bytes) -> "array[int]":
    numbers = array("I")
    numbers.frombytes(data)
    return numbers


def _prune(folder: Path) -> None:
    """Keep the newest lists; what a killed command left goes too."""
    old = sorted(folder.glob("*.bin"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in old[MOST_KEPT:]:
        path.unlink(missing_ok=True)
