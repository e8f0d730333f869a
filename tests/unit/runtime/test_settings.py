"""Settings come from the environment, in rising order, and a misspelt one is refused."""

from pathlib import Path

import pytest

from clinical_coding.errors import SettingsError
from runtime.settings import KafkaSettings, RegistrySettings, Role, WorkerSettings, read


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No settings of the machine: an empty state folder and working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CMC_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    return tmp_path


def test_a_missing_address_is_told_by_its_variable() -> None:
    with pytest.raises(SettingsError, match="CMC_KAFKA_BOOTSTRAP_SERVERS"):
        read(KafkaSettings)


def test_the_environment_comes_before_dotenv_and_that_before_the_embedded_services(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare / "state" / "services.env").write_text("CMC_REGISTRY_URL=embedded\n")
    assert read(RegistrySettings).url == "embedded"
    (bare / ".env").write_text("CMC_REGISTRY_URL=dotenv\n")
    assert read(RegistrySettings).url == "dotenv"
    monkeypatch.setenv("CMC_REGISTRY_URL", "environment")
    assert read(RegistrySettings).url == "environment"


def test_a_process_reads_the_credentials_of_its_own_role_only(bare: Path) -> None:
    (bare / "state" / "services.env").write_text("CMC_KAFKA_BOOTSTRAP_SERVERS=kafka:9092\n")
    for role in Role:
        (bare / "state" / role.env_file).write_text(f"CMC_KAFKA_SASL_USERNAME={role}\n")

    assert [read(KafkaSettings, role).sasl_username for role in Role] == list(Role)
    assert read(KafkaSettings).sasl_username is None


def test_a_misspelt_variable_is_refused_with_the_right_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CMC_WORKER_BATCH_NOTE", "8")

    with pytest.raises(SettingsError, match="did you mean CMC_WORKER_BATCH_NOTES"):
        read(WorkerSettings)


def test_a_value_out_of_bounds_is_told_by_its_variable_and_not_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CMC_WORKER_BATCH_NOTES", "77777777")

    with pytest.raises(SettingsError, match="CMC_WORKER_BATCH_NOTES") as told:
        read(WorkerSettings)
    assert "77777777" not in str(told.value)
