"""What a response really is, by its first bytes before its Content-Type; the address is never asked."""

import re
from collections.abc import Mapping
from enum import StrEnum

from pipeline.extract.encoding import read_content_type

HEAD_BYTES = 1024
SAMPLE_BYTES = 8192
MAX_CONTROL_SHARE = 0.02

_MAGIC = (
    b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\x7fELF", b"MZ", b"RIFF", b"ID3",
    b"OggS", b"\xd0\xcf\x11\xe0", b"\x00\x00\x01\x00", b"wOFF", b"wOF2", b"BM", b"II*\x00", b"MM\x00*", b"{\\rtf")
_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1b")
_BOMS_16 = (b"\xff\xfe", b"\xfe\xff")
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|article|div|p|h1|table|meta)\b", re.IGNORECASE)
_BINARY_TYPE = re.compile(r"^(?:image|audio|video|font)/|zip|octet-stream|msword|officedocument|ms-excel|powerpoint")
_DATA_TYPE = re.compile(r"^(?:application|text)/(?:[\w.]+\+)?(?:json|xml|javascript|css|csv|calendar)|rss\+xml|atom\+xml")


class Kind(StrEnum):
    """What to read a body as."""

    EMPTY = "empty"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    BINARY = "binary"
    DATA = "data"


def find_kind(body: bytes, headers: Mapping[str, str]) -> Kind:
    """The kind of a body; a JPEG served as text/html is binary, a PDF served as anything is a PDF."""
    head = body[:HEAD_BYTES]
    if not body.strip(b"\x00\t\n\r \xef\xbb\xbf"):
        return Kind.EMPTY
    if b"%PDF-" in head:
        return Kind.PDF
    if head.startswith(b"PK\x03\x04") and b"word/document.xml" in body:  # the archive's directory lists it unpacked
        return Kind.DOCX
    if head.startswith(_MAGIC) or _is_binary(body[:SAMPLE_BYTES]):
        return Kind.BINARY
    if _MARKUP.search(head) or head.startswith(_BOMS_16):
        return Kind.HTML
    declared = read_content_type(headers)
    if _BINARY_TYPE.search(declared) or declared.startswith("application/pdf"):
        return Kind.BINARY
    data = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if ("html" not in declared and _DATA_TYPE.search(declared)) or data.startswith((b"<rss", b"<feed", b"<urlset", b"{", b"[{")) \
            or (data.startswith(b"<?xml") and b"<html" not in head.lower()):
        return Kind.DATA
    return Kind.HTML


def _is_binary(sample: bytes) -> bool:
    if sample.startswith(_BOMS_16):
        return False
    control = len(sample) - len(sample.translate(None, _CONTROL))
    return control > MAX_CONTROL_SHARE * len(sample)
