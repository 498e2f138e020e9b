"""A site whose certificate nobody vouches for is not read, and the reason is named; the other sites do not notice."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.spider_site import Answer, Site, article, run_crawl

RSS = {"Content-Type": "application/rss+xml"}


def make_tls(folder: Path, address: str) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that it has signed itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tong.example")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1)).add_extension(names, False)
    path = folder / f"{address}.pem"
    secret = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*secret) + built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_certificate_that_nobody_vouches_for_is_named_and_costs_nobody_else_anything(tmp_path: Path) -> None:
    with Site("127.0.11.1", tls=make_tls(tmp_path, "127.0.11.1")) as odd, Site("127.0.11.2") as good:
        for site in (odd, good):
            site.pages |= {f"/news/{number}": article(number) for number in range(3)}
            site.pages["/feed.xml"] = Answer(site.feed(f"/news/{number}" for number in range(3)), headers=RSS)
        rows = run_crawl(tmp_path, {"odd": odd.toml("feed:/feed.xml"), "good": good.toml("feed:/feed.xml")})
        assert odd.log == [], "nothing is asked of a host that may be somebody else"
    assert rows["good"]["fetched"] == 3
    assert (rows["odd"]["fetched"], rows["odd"]["finished"]) == (0, True)
    [reason] = rows["odd"]["reasons"]
    assert reason == "feed: robots.txt could not be read (certificate is not trusted): treated as forbidden"
