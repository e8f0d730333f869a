"""Runs in MLflow: parameters, figures and the bundle; never a note."""

from collections.abc import Mapping
from pathlib import Path

import mlflow

EXPERIMENT = "codemychart-ranker"


def log_run(
    run_store: tuple[str, Path | None],
    parameters: Mapping[str, str | int],
    metrics: Mapping[str, float],
    bundle: Path,
) -> str:
    """Record one training run with its bundle as artifact; returns the run's id.

    ``run_store`` is a tracking URI and, where that is a local file, the folder for artifacts.
    """
    uri, artifacts = run_store
    mlflow.set_tracking_uri(uri)
    if artifacts is not None and mlflow.get_experiment_by_name(EXPERIMENT) is None:
        mlflow.create_experiment(EXPERIMENT, artifact_location=artifacts.as_uri())
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run() as run:
        mlflow.log_params(dict(parameters))
        mlflow.log_metrics(dict(metrics))
        mlflow.log_artifacts(str(bundle), "bundle")
        return str(run.info.run_id)
