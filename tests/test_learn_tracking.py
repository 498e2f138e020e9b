"""Training runs in MLflow: a folder of its own in a process of its own; without MLflow the check is not run, and says so."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.learn.tracking import export_run
from pipeline.records import Stop
from pipeline.store.models import Trained

HAS_MLFLOW = importlib.util.find_spec("mlflow") is not None
# In a process of its own: MLflow warns of its own deprecations when it is imported, and warnings are errors here.
SEND = """
import json, sys
from pathlib import Path
from pipeline.learn.tracking import export_run
from pipeline.store.models import Trained
folder = Path(sys.argv[1])
export_run(sys.argv[2], Trained(**json.loads((folder / "model.json").read_text())), folder)
import mlflow
(run,) = mlflow.search_runs(search_all_experiments=True, output_format="list")
client = mlflow.MlflowClient()
names = sorted(file.path for file in client.list_artifacts(run.info.run_id))
print(json.dumps([run.info.run_name, run.data.params, run.data.metrics, dict(run.data.tags), names]))
"""


def make_model() -> dict[str, object]:
    manifest = {
        "seed": 7,
        "base": "shipped",
        "parameters": {"folds": 5},
        "data": {"sha256": "d" * 64, "items": {"train seed tg not": 12}},
        "code": {"sha256": "c" * 64},
    }
    fields = dict.fromkeys(Trained.__dataclass_fields__, "")
    return fields | {"id": "relevance-1", "task": "relevance", "manifest": manifest}


def test_nothing_is_sent_and_nothing_imported_where_no_address_is_set(tmp_path: Path) -> None:
    export_run("", Trained(**make_model()), tmp_path)  # type: ignore[arg-type]
    assert "mlflow" not in sys.modules


@pytest.mark.skipif(HAS_MLFLOW, reason="MLflow is installed")
def test_without_mlflow_the_message_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="mlflow-skinny"):
        export_run(str(tmp_path), Trained(**make_model()), tmp_path)  # type: ignore[arg-type]


@pytest.mark.skipif(not HAS_MLFLOW, reason="not run: MLflow is not installed (pip install mlflow-skinny)")
def test_a_run_is_found_again_in_a_folder_with_its_numbers_and_files(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.json").write_text(json.dumps(make_model()), encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "-c", SEND, str(folder), (tmp_path / "runs").as_uri()]
    # Newer versions of MLflow ask for this word before they write into a folder.
    environment = os.environ | {"MLFLOW_ALLOW_FILE_STORE": "true"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1], env=environment)
    assert done.returncode == 0, done.stderr
    name, parameters, metrics, tags, files = json.loads(done.stdout.splitlines()[-1])
    assert (name, parameters["task"], parameters["folds"]) == ("relevance-1", "relevance", "5")
    assert metrics == {"train_seed_tg_not": 12.0}
    assert tags["data_sha256"] == "d" * 64
    assert files == ["model.json"]
