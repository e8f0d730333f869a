"""Runs in MLflow: parameters, figures and files; never a note."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow.environment_variables import MLFLOW_DISABLE_TELEMETRY
from mlflow.exceptions import MlflowException

from clinical_coding.errors import UnavailableError

EXPERIMENT, EVALUATIONS = "codemychart-ranker", "codemychart-evaluation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One training or one evaluation; ``folder`` is kept under the name ``called``."""

    experiment: str
    parameters: Mapping[str, str | int]
    metrics: Mapping[str, float]
    folder: Path
    called: str


def log_run(run_store: tuple[str, Path | None], run: Run) -> str:
    """Record a run with its files; returns its id.

    ``run_store`` is a tracking URI and, where that is a local file, the folder for artifacts.
    MLflow's own usage reports are turned off. Raises UnavailableError when the store refuses.
    """
    MLFLOW_DISABLE_TELEMETRY.set("true")  # type: ignore[no-untyped-call]
    uri, artifacts = run_store
    try:
        mlflow.set_tracking_uri(uri)
        if artifacts is not None and mlflow.get_experiment_by_name(run.experiment) is None:
            mlflow.create_experiment(run.experiment, artifact_location=artifacts.as_uri())
        mlflow.set_experiment(run.experiment)
        with mlflow.start_run() as started:
            mlflow.log_params(dict(run.parameters))
            mlflow.log_metrics(dict(run.metrics))
            mlflow.log_artifacts(str(run.folder), run.called)
            return str(started.info.run_id)
    except MlflowException as error:
        raise UnavailableError(
            f"expected an MLflow store that takes the run; got {error.error_code}; check "
            f"MLFLOW_TRACKING_URI or use --no-track (the {run.called} is written)"
        ) from None


def git_revision() -> str:
    """The revision that is checked out, "unknown" outside a repository."""
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return asked.stdout.strip() or "unknown"
