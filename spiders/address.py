"""One page, one address: tracking parameters, mobile and AMP twins, IDN and percent-encodings are made alike."""

import re
from collections.abc import Collection
from urllib.parse import SplitResult, quote, urlsplit

TRACKING = re.compile(
    r"utm_\w*|fbclid|gclid|dclid|msclkid|ys?clid|_openstat|igshid|mc_(cid|eid)|_hs(enc|mi)|mkt_tok|at_(medium|campaign|link\w*)"
    r"|ns_(source|campaign|mchannel)|xtor|cmpid|ncid|ocid|wt[._]mc(_\w+)?|spm|pk_(campaign|kwd)|_ga|share_from|from_rss",
    re.IGNORECASE)
AMP_PARAMETERS = {"amp", "outputtype=amp", "amp=1", "amp=true", "view=amp"}
TWINS = ("www.", "m.", "mobile.", "amp.", "touch.")
SAFE = "/:@!$&'()*+,;=-._~%"


def canonical(url: str, home: str, hosts: Collection[str]) -> str:
    """The one address of a page of a source with this homepage and these hosts; another host's stays that host's.

    Returns '' for what is no web address.
    """
    try:
        parts = urlsplit(url.strip())
        netloc = ascii_netloc(parts)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not netloc:
        return ""
    scheme, own = parts.scheme, urlsplit(home)
    twin = _without_prefix(netloc)
    if netloc not in hosts and twin != netloc:
        netloc = next((host for host in (twin, f"www.{twin}") if host in hosts), netloc)
    if _without_prefix(netloc) == _without_prefix(ascii_netloc(own)) and netloc in hosts:
        netloc, scheme = ascii_netloc(own), own.scheme
    query = _query(parts.query)
    return f"{scheme}://{netloc}{_path(parts.path)}" + (f"?{query}" if query else "")


def ascii_netloc(parts: SplitResult) -> str:
    """Host and port as they are asked: lower case, IDN in its ASCII form, no usual port. Raises ValueError."""
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if ":" in host:
        host = f"[{host}]"
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def _without_prefix(netloc: str) -> str:
    rests = (netloc.removeprefix(twin) for twin in TWINS if netloc.startswith(twin))
    return next((rest for rest in rests if "." in rest), netloc)


def _path(path: str) -> str:
    path = re.sub(r"%[0-9a-fA-F]{2}", lambda code: code[0].upper(), quote(path or "/", safe=SAFE))
    if path != "/amp" and path.rstrip("/").endswith("/amp"):
        path = path.rstrip("/").removesuffix("/amp") + ("/" if path.endswith("/") else "")
    return path or "/"


def _query(query: str) -> str:
    kept = [part for part in query.split("&")
            if part and not TRACKING.fullmatch(part.split("=")[0]) and part.lower() not in AMP_PARAMETERS]
    return quote("&".join(kept), safe=SAFE + "?")
