"""What stands in a WARC file where a record was removed: a small record of exactly the same length, the same on every machine.

All other records keep their places, and every reader of WARC files goes on behind it. Most of it is zeros, which a file system
need not store.
"""

import struct
import uuid
import zlib

MAX_EXTRA = 65_535
TEXT = b"A record stood here and was removed. The audit of the archive says when and why.\r\n"
_EPOCH = "1970-01-01T00:00:00Z"  # the audit has the time; the same bytes must come out whenever they are made


def make_tombstone(file: str, start: int, length: int) -> bytes:
    """`length` bytes of gzip members for the place [start, start + length) of a WARC file. Raises ValueError below 25 bytes."""
    record = _record(file, start)
    first = _member(record, 0) if _size(record, 0) <= length - _size(b"", 0) or _size(record, 0) == length else b""
    rest = length - len(first)
    parts = [first]
    while rest:
        extra = min(rest - _size(b"", 0), MAX_EXTRA)
        if extra < 0:
            raise ValueError(f"{length} bytes are too few for a tombstone")
        if 0 < rest - _size(b"", extra) < _size(b"", 0):  # what would be left is too short for a member of its own
            extra -= _size(b"", 0)
        parts.append(_member(b"", extra))
        rest -= len(parts[-1])
    return b"".join(parts)


def _record(file: str, start: int) -> bytes:
    ident = uuid.uuid5(uuid.NAMESPACE_URL, f"{file}#{start}")
    head = (f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:{ident}>\r\nWARC-Date: {_EPOCH}\r\n"
            f"Content-Type: text/plain\r\nContent-Length: {len(TEXT)}\r\n\r\n")
    return head.encode() + TEXT + b"\r\n\r\n"


def _member(data: bytes, extra: int) -> bytes:
    """One gzip member (RFC 1952), stored and not packed: packing differs from one zlib to the next."""
    flags = b"\x04" + b"\0" * 6 + struct.pack("<H", extra) + b"\0" * extra
    block = b"\x01" + struct.pack("<HH", len(data), 0xFFFF ^ len(data)) + data
    return b"\x1f\x8b\x08" + flags + block + struct.pack("<II", zlib.crc32(data), len(data))


def _size(data: bytes, extra: int) -> int:
    return 10 + 2 + extra + 5 + len(data) + 8
