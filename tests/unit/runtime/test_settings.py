"""Settings come from the environment, in rising order, and a misspelt one is refused."""

from pathlib import Path

import pytest

from clinical_coding.errors import SettingsError
from runtime.roles import Role
from runtime.settings import KafkaSettings, RegistrySettings, WorkerSettings, read


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


def test_a_secret_is_read_from_the_file_that_its_variable_names(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above what a lower layer says, and below a value that a higher one does."""
    (bare / "secret").write_text("let me in\n")
    (bare / ".env").write_text("CMC_REGISTRY_PASSWORD=old\n")
    monkeypatch.setenv("CMC_REGISTRY_URL", "registry")
    monkeypatch.setenv("CMC_REGISTRY_PASSWORD_FILE", str(bare / "secret"))
    assert _password() == "let me in"

    (bare / ".env").write_text(f"CMC_REGISTRY_PASSWORD_FILE={bare / 'secret'}\n")
    monkeypatch.delenv("CMC_REGISTRY_PASSWORD_FILE")
    assert _password() == "let me in"
    monkeypatch.setenv("CMC_REGISTRY_PASSWORD", "newest")
    assert _password() == "newest"


def _password() -> str | None:
    password = read(RegistrySettings).password
    return password.get_secret_value() if password else None


def test_a_secrets_file_that_is_not_there_or_stands_beside_a_value_is_told_by_its_variable(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMC_REGISTRY_URL", "registry")
    monkeypatch.setenv("CMC_REGISTRY_PASSWORD_FILE", str(bare / "none"))
    with pytest.raises(SettingsError, match=r"CMC_REGISTRY_PASSWORD_FILE.*FileNotFoundError"):
        read(RegistrySettings)

    monkeypatch.setenv("CMC_REGISTRY_PASSWORD", "both")
    with pytest.raises(SettingsError, match=r"CMC_REGISTRY_PASSWORD or .*got both"):
        read(RegistrySettings)


def test_only_a_secret_may_be_given_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMC_REGISTRY_URL_FILE", "somewhere")

    with pytest.raises(SettingsError, match="expected known CMC_ variables"):
        read(RegistrySettings)


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
