"""Bytes to text: byte order mark, HTTP charset, meta charset, then detection; wrong declarations are repaired."""

import codecs
import re
from collections.abc import Iterator, Mapping

CANDIDATES = ("utf-8", "windows-1251", "koi8-r", "iso-8859-5", "cp866", "windows-1252")
META_BYTES = 4096
DETECT_BYTES = 65536
BAD_SHARE = 0.002

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_META = re.compile(rb"<(?:meta[^>]{0,300}?charset|\?xml[^>]{0,100}?encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
# Python knows codecs no page is written in (rot13, idna, unicode_escape), and UTF-16 cannot be declared in ASCII.
_PAGE_CODECS = re.compile(
    r"(?:utf-8|ascii|cp\d+|koi8.*|iso8859-\d+|mac-cyrillic|gb\w*|big5\w*|shift_jis\w*|euc_\w+|tis-620|ptcp154)$")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_CONTINUATION = bytes(range(0x80, 0xC0))
# Two-byte UTF-8 Cyrillic (D0 to D3, then 80 to BF) read in a single-byte encoding; what that leaves undefined was kept as C1.
_LEADS = {"windows-1251": "РСТУ", "windows-1252": "ÐÑÒÓ"}
_DOUBLED = {name: re.compile(f"[{leads}][{re.escape(_CONTINUATION.decode(name, 'ignore'))}\u0080-\u009f]")
            for name, leads in _LEADS.items()}
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_COMMON = re.compile("[оеаинтсрвлОЕАИНТСРВЛ]")


def decode(body: bytes, headers: Mapping[str, str]) -> str:
    """The text of a response; bytes that fit nowhere become U+FFFD, control characters are removed."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return clean(body[len(mark):].decode(name, "replace"))
    for name in _declared(body, headers):
        text = _decode_as(body, name)
        if text is not None:
            return clean(_undouble(text))
    return clean(_undouble(body.decode(_detect(body), "replace")))


def clean(text: str) -> str:
    """Unicode scalar values only, newlines as \\n, no control characters: SQLite, JSON and HTML parsers can hold it."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def read_content_type(headers: Mapping[str, str]) -> str:
    """The Content-Type header, lower case, whatever the case of the header's name."""
    return next((value.lower() for name, value in headers.items() if name.lower() == "content-type"), "")


def _declared(body: bytes, headers: Mapping[str, str]) -> Iterator[str]:
    if match := _CHARSET.search(read_content_type(headers)):
        yield match[1]
    if found := _META.search(body[:META_BYTES]):
        yield found[1].decode("ascii", "ignore")


def _decode_as(body: bytes, name: str) -> str | None:
    """The text if the declared encoding explains the bytes, else None."""
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    if not _PAGE_CODECS.match(codec):
        return None
    if _is_utf8(body):
        return body.decode("utf-8")
    # Browsers read a declared Latin-1 as windows-1252.
    text = body.decode({"iso8859-1": "windows-1252", "ascii": "windows-1252"}.get(codec, codec), "replace")
    bad = text.count("\ufffd") + len(_CONTROL.findall(text[:DETECT_BYTES]))
    return None if bad > max(2, BAD_SHARE * len(text)) else text


def _is_utf8(body: bytes) -> bool:
    """Multi-byte sequences that are valid UTF-8 do not happen by chance in single-byte text."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _detect(body: bytes) -> str:
    sample = body[:DETECT_BYTES]
    return max(CANDIDATES, key=lambda name: _plausibility(sample, name))


def _plausibility(sample: bytes, name: str) -> float:
    """Share of the non-ASCII characters that real Cyrillic or Latin text would have: common letters, lower case."""
    text = sample.decode(name, "replace")
    strange = [char for char in text if char > "\x7f"]
    if not strange:
        return 1.0
    common = sum(1 for char in strange if _COMMON.match(char))
    lower = sum(1 for char in strange if char.islower())
    broken = sum(1 for char in strange if char == "\ufffd" or not char.isprintable())
    bonus = len(strange) if name == "utf-8" and broken <= BAD_SHARE * len(text) else 0
    return (common + lower / 2 - 5 * broken + bonus) / len(strange)


def _undouble(text: str) -> str:
    """Undo UTF-8 that was decoded as a single-byte encoding and encoded again, only where that explains nearly every letter."""
    for name, pair in _DOUBLED.items():
        sample = text[:DETECT_BYTES]
        letters = len(sample) - len(sample.encode("ascii", "ignore"))
        if sum(map(sample.count, _LEADS[name])) < max(20, 0.4 * letters):
            continue
        pairs = len(pair.findall(sample))
        if pairs < 20 or pairs * 2 < 0.8 * letters:
            continue
        repaired = _encode_loosely(text, name).decode("utf-8", "replace")
        if repaired.count("\ufffd") <= 0.02 * len(repaired) and len(_CYRILLIC.findall(repaired)) > pairs / 2:
            return repaired
    return text


def _encode_loosely(text: str, name: str) -> bytes:
    try:
        return text.encode(name)
    except UnicodeEncodeError:  # the undefined bytes of the code page were kept as C1 characters, or other text was mixed in
        return b"".join(char.encode("latin-1") if "\x80" <= char <= "\x9f" else char.encode(name, "replace") for char in text)
