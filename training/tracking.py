"""Runs in MLflow: parameters, figures and the bundle; never a note."""

from collections.abc import Mapping
from pathlib import Path

import mlflow
from mlflow.environment_variables import MLFLOW_DISABLE_TELEMETRY
from mlflow.exceptions import MlflowException

from clinical_coding.errors import UnavailableError

EXPERIMENT = "codemychart-ranker"


def log_run(
    run_store: tuple[str, Path | None],
    parameters: Mapping[str, str | int],
    metrics: Mapping[str, float],
    bundle: Path,
) -> str:
    """Record one training run with its bundle as artifact; returns the run's id.

    ``run_store`` is a tracking URI and, where that is a local file, the folder for artifacts.
    MLflow's own usage reports are turned off. Raises UnavailableError when the store refuses.
    """
    MLFLOW_DISABLE_TELEMETRY.set("true")  # type: ignore[no-untyped-call]
    uri, artifacts = run_store
    try:
        mlflow.set_tracking_uri(uri)
        if artifacts is not None and mlflow.get_experiment_by_name(EXPERIMENT) is None:
            mlflow.create_experiment(EXPERIMENT, artifact_location=artifacts.as_uri())
        mlflow.set_experiment(EXPERIMENT)
        with mlflow.start_run() as run:
            mlflow.log_params(dict(parameters))
            mlflow.log_metrics(dict(metrics))
            mlflow.log_artifacts(str(bundle), "bundle")
            return str(run.info.run_id)
    except MlflowException as error:
        raise UnavailableError(
            f"expected an MLflow store that takes the run; got {error.error_code}; check "
            "MLFLOW_TRACKING_URI or train with --no-track (the bundle is written)"
        ) from None
