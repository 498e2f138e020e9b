"""Runs for those who keep theirs in MLflow: off unless [models] mlflow_uri names a server or a folder."""

import json
from pathlib import Path

from pipeline.records import Stop
from pipeline.store.models import Trained

EXPERIMENT = "xabar"


def export_run(uri: str, model: Trained, folder: Path) -> None:
    """Send parameters, counts, manifest and what is in `folder` (no texts) to MLflow. Does nothing when `uri` is empty."""
    if not uri:
        return
    try:
        import mlflow
    except ImportError as error:
        raise Stop(
            "[models] mlflow_uri is set, but mlflow is not installed: 'pip install mlflow-skinny', or set it to \"\""
        ) from error
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run(run_name=model.id):
        mlflow.log_params({"task": model.task, "seed": model.manifest["seed"], "base": model.manifest["base"]})
        mlflow.log_params({name: json.dumps(value) for name, value in model.manifest["parameters"].items()})
        mlflow.log_metrics({name.replace(" ", "_"): count for name, count in model.manifest["data"]["items"].items()})
        mlflow.set_tags({"data_sha256": model.manifest["data"]["sha256"], "code_sha256": model.manifest["code"]["sha256"]})
        mlflow.log_artifacts(str(folder))
