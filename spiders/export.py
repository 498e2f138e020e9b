"""What `scrapy crawl ... -O file` writes: a page's text instead of its bytes."""

import base64
from typing import Any

from scrapy.exporters import CsvItemExporter, JsonItemExporter, JsonLinesItemExporter, XmlItemExporter
from w3lib.encoding import html_to_unicode

TEXT_TYPES = ("text/", "xml", "json", "html")


class _Readable:
    """Turns the two fields of bytes into text: HTML in its own encoding, anything else in base64."""

    def get_serialized_fields(self, item: Any, *args: Any, **kwargs: Any) -> Any:
        """The fields of an item, without `raw`."""
        kind = next((value for name, value in item.headers.items() if name.lower() == "content-type"), "")
        for name, value in super().get_serialized_fields(item, *args, **kwargs):  # type: ignore[misc]  # a mix-in
            if isinstance(value, bytes):
                yield name, _read(value, kind)
            elif name != "raw":
                yield name, value


def _read(body: bytes, kind: str) -> str:
    if any(word in kind.lower() for word in TEXT_TYPES):
        return html_to_unicode(kind, body)[1]
    return base64.b64encode(body).decode("ascii")


class PageLines(_Readable, JsonLinesItemExporter):
    """JSON Lines."""


class PageJson(_Readable, JsonItemExporter):
    """One JSON list."""


class PageCsv(_Readable, CsvItemExporter):
    """CSV."""


class PageXml(_Readable, XmlItemExporter):
    """XML."""
