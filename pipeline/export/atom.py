"""Atom (RFC 4287): the newest documents of a filter as a feed, for any feed reader; write it anew after each run."""

import heapq
import re
from collections.abc import Iterable
from typing import BinaryIO
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, ElementTree, SubElement

from pipeline.export.row import Row
from pipeline.export.statement import state

NAMESPACE = UUID("c3f1a0d4-6a1e-4a55-8a5e-0d8e5c4c9b11")
ENTRIES = 100
EPOCH = "1970-01-01T00:00:00.000Z"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(rows: Iterable[Row], stream: BinaryIO, *, title: str = "xabar") -> int:
    """The feed of the 100 entries that changed last; `title` is the filter's name and makes its id. Returns how many."""
    newest = heapq.nlargest(ENTRIES, rows, key=lambda row: (row.changed, row.doc.id))
    feed = Element("feed", xmlns="http://www.w3.org/2005/Atom")
    _add(feed, "id", uuid5(NAMESPACE, title).urn)
    _add(feed, "title", title)
    _add(feed, "updated", newest[0].changed if newest else EPOCH)
    _add(SubElement(feed, "author"), "name", "xabar")
    for row in newest:
        _add_entry(feed, row)
    ElementTree(feed).write(stream, encoding="utf-8", xml_declaration=True)
    return len(newest)


def _add_entry(feed: Element, row: Row) -> None:
    doc, entry = row.final, SubElement(feed, "entry")
    _add(entry, "id", uuid5(NAMESPACE, doc.id).urn)
    _add(entry, "title", doc.title or doc.url or doc.id)
    _add(entry, "updated", row.changed)
    if doc.published:
        _add(entry, "published", row.moment)
    if doc.url.startswith(("https://", "http://")):
        SubElement(entry, "link", rel="alternate", href=NOT_XML.sub("", doc.url))
    _add(SubElement(entry, "author"), "name", row.source_name or doc.source)
    for name in (*row.topics, *(entity.name for entity in row.organisations)):
        SubElement(entry, "category", term=name)
    _add(entry, "summary", state(row))
    if doc.text:
        SubElement(entry, "content", type="text").text = NOT_XML.sub("", doc.text)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = NOT_XML.sub("", text)
