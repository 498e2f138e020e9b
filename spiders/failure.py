"""A failed request in words that an operator understands."""

import re
import zlib
from typing import Any

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.spidermiddlewares.httperror import HttpError


class Unavailable(IgnoreRequest):
    """The other side cannot be asked just now; the message says why, for the operator's summary."""


UNTRUSTED = re.compile("certificate verify failed|VerificationError")  # OpenSSL's words, and those of service-identity
CIRCLE = "redirects in a circle, or too often"
SHORT: dict[type[BaseException], str] = {
    ResponseDataLossError: "connection closed before the whole page came",
    DownloadConnectionRefusedError: "connection refused",
    DownloadFailedError: "connection broke off",
}


def explain(error: BaseException, settings: Any) -> str:
    """One short reason; the same cause always gives the same words, so that they can be counted."""
    megabytes = settings.getint("DOWNLOAD_MAXSIZE") / 1e6
    text = str(error)
    match error:
        case HttpError():
            return f"HTTP {error.response.status}"
        case DownloadTimeoutError():
            return f"timed out after {settings.getfloat('DOWNLOAD_TIMEOUT'):.0f} s"
        case DownloadCancelledError():
            return f"larger than {megabytes:.0f} MB: given up"
        case CannotResolveHostError():
            return "leads to a private address: refused" if "private address" in text else "host name not found"
        case DownloadFailedError() if "SSL" in text or "VerificationError" in text:
            return "certificate is not trusted" if UNTRUSTED.search(text) else "no TLS connection comes about"
        case Unavailable():
            return text
        case OSError() | EOFError() | zlib.error():
            return "is packed and cannot be unpacked"
        case IgnoreRequest() if "max redirections" in text or "decompression" in text:
            return f"unpacks to more than {megabytes:.0f} MB: given up" if "decompression" in text else CIRCLE
        case _:
            return SHORT.get(type(error)) or f"{type(error).__name__}: {text.splitlines()[0][:120] if text else 'no detail'}"
