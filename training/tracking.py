"""Runs in MLflow: parameters, figures and the bundle; never a note."""

from collections.abc import Mapping
from pathlib import Path

import mlflow

EXPERIMENT = "codemychart-ranker"


def log_run(
    uri: str, parameters: Mapping[str, str | int], metrics: Mapping[str, float], bundle: Path
) -> str:
    """Record one training run with its bundle as artifact; returns the run's id."""
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run() as run:
        mlflow.log_params(dict(parameters))
        mlflow.log_metrics(dict(metrics))
        mlflow.log_artifacts(str(bundle), "bundle")
        return str(run.info.run_id)
