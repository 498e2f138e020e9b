"""Many byte strings in one: read from a file in one piece, each string cut out only when it is asked for."""

from array import array
from collections.abc import Iterable, Iterator


class Packed:
    """A list of byte strings. `blob` holds them one behind the other, `ends` where each ends (4-byte numbers)."""

    __slots__ = ("blob", "ends")

    def __init__(self, blob: bytes, ends: "array[int]") -> None:
        self.blob = blob
        self.ends = ends

    def __len__(self) -> int:
        return len(self.ends)

    def __iter__(self) -> Iterator[bytes]:
        start = 0
        for end in self.ends:
            yield self.blob[start:end]
            start = end

    def __getitem__(self, number: int) -> bytes:
        return self.blob[self.ends[number - 1] if number else 0 : self.ends[number]]


def pack(items: Iterable[bytes]) -> Packed:
    """Pack byte strings, in order."""
    ends, parts, length = array("I"), [], 0
    for item in items:
        parts.append(item)
        length += len(item)
        ends.append(length)
    return Packed(b"".join(parts), ends)
