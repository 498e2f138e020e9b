"""Time stamps of the audit's head: by an authority on loopback, made with openssl for these tests."""

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from shutil import which

import pytest

from pipeline.custody.timestamp import check_stamps, stamp_head
from pipeline.records import Stop
from pipeline.store import Store
from tests.custody_archive import make_archive

pytest.importorskip("rfc3161_client", reason="not run: the extra timestamp is not installed")

CONFIG = """
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[tsa]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[stamp]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha512
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def run(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """(address, root certificate)"""
    if which("openssl") is None:
        pytest.skip("not run: openssl is not installed")
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "x.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    key = ("-newkey", "rsa:2048", "-nodes", "-config", "x.cnf")
    root = ("-x509", "-subj", "/CN=root", "-days", "9", "-extensions", "ca")
    run(folder, "req", *key, *root, "-keyout", "ca.key", "-out", "ca.pem")
    run(folder, "req", *key, "-subj", "/CN=tsa", "-keyout", "tsa.key", "-out", "tsa.csr")
    run(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "9",
        "-extfile", "x.cnf", "-extensions", "tsa", "-out", "tsa.pem")  # fmt: skip

    class Authority(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "q.tsq").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/stamp":
                run(folder, "ts", "-reply", "-config", "x.cnf", "-section", "stamp", "-queryfile", "q.tsq", "-out", "r.tsr")
            body = b"nothing" if self.path == "/junk" else (folder / "r.tsr").read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Authority)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", folder / "ca.pem"
    server.shutdown()
    server.server_close()


def test_a_stamped_head_verifies_and_a_changed_one_does_not(authority: tuple[str, Path], tmp_path: Path) -> None:
    url, root = authority
    with Store.open(make_archive(tmp_path / "a")) as store:
        path, _ = stamp_head(store, f"{url}/stamp")
        damage, good = check_stamps(store, root)
        assert (damage, len(good)) == ([], 1)
        row = int(path.stem.rsplit("-", 1)[1])
        path.rename(path.with_name(f"x-audit-{row - 1:012d}.tsr"))  # the stamp of one row held against another
        damage, good = check_stamps(store, root)
        assert (len(damage), good) == (1, [])
        assert f"does not stamp audit row {row - 1} as it is now" in damage[0]


def test_what_is_no_stamp_of_this_head_is_refused_in_one_line(authority: tuple[str, Path], tmp_path: Path) -> None:
    url, _ = authority
    with Store.open(make_archive(tmp_path / "a")) as store:
        stamp_head(store, f"{url}/stamp")
        for address, says in (
            (f"{url}/junk", "its answer is no time stamp"),
            (f"{url}/old", "stamped something else"),
            ("http://127.0.0.1:9/", "gives no time stamp"),
            ("ftp://127.0.0.1/", "must be an address"),
        ):
            with pytest.raises(Stop, match=says):
                stamp_head(store, address)
        assert len(list(store.path.parent.glob("*.tsr"))) == 1
