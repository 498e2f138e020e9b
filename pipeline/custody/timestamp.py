"""A time stamp of the audit's head by an outside authority (RFC 3161): that the archive said this, then, not later.

Needs the extra `timestamp`. Sent is a hash and nothing else; the reply lies beside the database.
"""

import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.chain import Head

TIMEOUT_SECONDS = 30.0
MAX_REPLY_BYTES = 1_000_000


def stamp_head(store: Store, authority: str) -> tuple[Path, datetime]:
    """Ask the authority at this address to stamp the newest audit row. Returns the reply's file and the time in it."""
    if not authority.lower().startswith(("http://", "https://")):
        raise Stop(f"--authority {authority!r}: must be an address that begins with https:// or http://")
    client = _load_client()
    store.ledger.seal()
    head = store.ledger.head()
    request = client.TimestampRequestBuilder().data(bytes(head)).build()
    reply = _ask(authority, request.as_bytes())
    response = _decode(client, reply, authority)
    _check_imprint(response, request, authority)
    path = _reply_path(store.path, head)
    path.write_bytes(reply)
    moment: datetime = response.tst_info.gen_time
    store.ledger.record("timestamp", {"row": head.id, "sha256": head.sha256, "authority": authority, "at": moment.isoformat()})
    return path, moment


def check_stamps(store: Store, root: Path) -> tuple[list[str], list[str]]:
    """(damage, lines about good stamps): every reply beside the database, against the audit and this root certificate (PEM)."""
    client = _load_client()
    from cryptography.x509 import load_pem_x509_certificate  # comes with the client

    try:
        certificate = load_pem_x509_certificate(root.read_bytes())
    except (OSError, ValueError) as error:
        raise Stop(f"{root}: no certificate in PEM can be read there ({error})") from error
    verifier = client.VerifierBuilder().add_root_certificate(certificate).build()
    damage, good = [], []
    for path in sorted(store.path.parent.glob(f"{store.path.stem}-audit-*.tsr")):
        head = store.ledger.head(int(path.stem.rsplit("-", 1)[1]))
        try:
            response = client.decode_timestamp_response(path.read_bytes())
            verifier.verify_message(response, bytes(head))
        except (ValueError, client.VerificationError) as error:
            damage.append(f"{path}: does not stamp audit row {head.id} as it is now ({error})")
        else:
            good.append(f"audit row {head.id} existed at {response.tst_info.gen_time.isoformat()} ({path.name})")
    return damage, good


def _load_client() -> Any:
    try:
        import rfc3161_client
    except ImportError as error:
        raise Stop("time stamps need the extra: pip install 'xabar[timestamp]'") from error
    return rfc3161_client


def _ask(authority: str, query: bytes) -> bytes:
    request = urllib.request.Request(authority, query, {"Content-Type": "application/timestamp-query"})  # noqa: S310  checked
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  http or https, checked above
            return bytes(answer.read(MAX_REPLY_BYTES))
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise Stop(f"{authority}: gives no time stamp ({error}); nothing was written, name another or try again") from error


def _decode(client: Any, reply: bytes, authority: str) -> Any:
    try:
        response = client.decode_timestamp_response(reply)
    except ValueError as error:
        raise Stop(f"{authority}: its answer is no time stamp ({error})") from error
    if response.status not in (client.PKIStatus.GRANTED, client.PKIStatus.GRANTED_WITH_MODS):
        raise Stop(f"{authority}: refuses to stamp ({response.status})")
    return response


def _check_imprint(response: Any, request: Any, authority: str) -> None:
    said = response.tst_info
    if said.message_imprint.message != request.message_imprint.message or said.nonce != request.nonce:
        raise Stop(f"{authority}: stamped something else than what it was asked to")


def _reply_path(database: Path, head: Head) -> Path:
    return database.with_name(f"{database.stem}-audit-{head.id:012d}.tsr")
