"""`make demo` as a stranger runs it: real spiders over HTTP, the whole road, and the summary."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]


def xabar(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline.cli", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=150, check=False, env=os.environ | {"PYTHONPATH": os.getcwd()}
    )


def test_the_demo_crawls_analyses_and_says_that_it_is_invented_and_a_second_one_adds_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    first = xabar("demo", "--no-serve", "--newsroom-port", port, "--dir", tmp_path / "demo")
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("invented for the demo") >= 2
    facts = json.loads(xabar("status", "--db", tmp_path / "demo" / "demo.db", "--json").stdout)
    assert facts["pages"] >= 48
    assert set(facts["languages"]) == {"uz-Latn", "uz-Cyrl", "tg", "ru", "en"}
    assert min(facts["languages"].values()) >= 12
    assert min(facts["flagged_by_language"].values()) >= 3
    assert set(facts["skipped"]) >= {"too-short", "unsupported-language"}
    assert facts["outcomes"].get("quarantined", 0) == 0

    with Store.open(tmp_path / "demo" / "demo.db") as store:
        before = {doc.id for doc in store.documents.all()}
        for doc in store.documents.all():
            assert all(doc.text[m.start : m.end] == m.text for m in doc.mentions), "offsets are into the stored text"
            assert doc.reasons or not doc.flagged, "a flagged item says why"

    second = xabar("demo", "--no-serve", "--newsroom-port", port, "--dir", tmp_path / "demo")
    assert second.returncode == 0, second.stderr
    with Store.open(tmp_path / "demo" / "demo.db") as store:
        assert {doc.id for doc in store.documents.all()} == before
