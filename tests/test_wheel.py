"""The wheel carries what the code reads: templates, word lists, profiles, the newsroom."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("pipeline", "spiders", "models", "gazetteer")
TRAINING_TEXTS = "models/texts/ner."


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [path] = folder.glob("*.whl")
    return path


def test_the_wheel_holds_every_file_of_the_rooms(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not run: this is no git checkout, so there is no list of files to compare with")
    wanted = [name for name in listed.stdout.splitlines() if not name.startswith(TRAINING_TEXTS)]
    assert [name for name in wanted if name not in inside and not Path(name).name.startswith(".")] == []
    assert not any(name.startswith(TRAINING_TEXTS) for name in inside)
    assert not any(name.endswith((".db", ".warc.gz", ".pyc")) for name in inside)


def test_the_unpacked_wheel_works_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    text = "Surxondaryoda IShIDga aʼzolikda gumon qilingan guruh qoʻlga olindi."
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "scan"],
        cwd=tmp_path,
        input=json.dumps({"id": 1, "text": text}),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site"), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["flagged"] is True
    where = subprocess.run(
        [sys.executable, "-c", "import pipeline; print(pipeline.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
    )
    assert where.stdout.startswith(str(tmp_path)), "the wheel was tried, not the checkout"
