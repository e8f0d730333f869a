"""Every setting, read once per process from the environment.

Rising order: what `codemychart up` wrote into the state folder (``services.env``, and what only one
process may know, ``services.<role>.env``), ``.env`` in the working folder, ``CMC_*`` variables, flags
of the command. A misspelt ``CMC_*`` variable is refused. A secret may be in a file of its own, which
``<its variable>_FILE`` names.
"""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from clinical_coding.errors import SettingsError
from runtime import variables
from runtime.page_settings import LoginSettings, UiSettings
from runtime.roles import Role

SERVICES_ENV = "services.env"  # in the state folder: addresses of the embedded services


def _config(prefix: str) -> SettingsConfigDict:
    return SettingsConfigDict(
        env_prefix=prefix, frozen=True, extra="ignore", hide_input_in_errors=True
    )


class FolderSettings(BaseSettings):
    """Where this machine keeps what outlives a process."""

    model_config = _config("CMC_")

    state_dir: Path = Field(
        default_factory=lambda: platformdirs.user_state_path("codemychart"),
        description="Kafka's log, the lake, checkpoints, logs and PID files of what runs here.",
    )
    cache_dir: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("codemychart"),
        description="Downloaded jars and computed code embeddings; safe to delete.",
    )
    code_sets: Path | None = Field(
        default=None,
        description="A folder of further ICD-10-CM releases (*.tsv.gz) made by "
        "`python -m training.compile_code_set`; each note is coded with the one of its date.",
    )


class KafkaSettings(BaseSettings):
    """The broker, embedded or the user's own; TLS and SASL pass through to the clients."""

    model_config = _config("CMC_KAFKA_")

    bootstrap_servers: str = Field(description="host:port, comma-separated.")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_ca_location: Path | None = Field(default=None, description="PEM file of the broker's CA.")
    ssl_certificate_location: Path | None = Field(default=None, description="PEM, mutual TLS.")
    ssl_key_location: Path | None = Field(default=None, description="PEM, mutual TLS.")
    ssl_key_password: SecretStr | None = None
    request_timeout_s: Annotated[float, Field(gt=0, le=300)] = Field(
        default=10.0, description="How long the broker may take for an answer."
    )
    replication_factor: Annotated[int, Field(ge=1, le=5)] = 1
    partitions: Annotated[int, Field(ge=1, le=1000)] = 4
    topic_prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]*$",
        description="Before every topic's name, where deployments share a broker: staging.",
    )


class RegistrySettings(BaseSettings):
    """The schema registry: anything that speaks Confluent's API."""

    model_config = _config("CMC_REGISTRY_")

    url: str = Field(description="For instance http://localhost:8081.")
    username: str | None = None
    password: SecretStr | None = None
    auto_register: bool = Field(
        default=False,
        description="Development only: a service registers the schemas it writes.",
    )


class EncryptionSettings(BaseSettings):
    """The text of notes under lock and key; off where no keys are named."""

    model_config = _config("CMC_ENCRYPTION_")

    keys: Path | None = Field(
        default=None,
        description="File of keys: a producer seals texts under the last one, worker, feed and "
        "`dlq show --reveal` open them. `codemychart add-key --help`.",
    )


class WorkerSettings(BaseSettings):
    """The coding worker's micro-batches and failure budget."""

    model_config = _config("CMC_WORKER_")

    group: str = "coding-worker"
    batch_notes: Annotated[int, Field(ge=1, le=4096)] = 32
    batch_wait_s: Annotated[float, Field(gt=0, le=60)] = 0.25
    profile: Literal["claim", "mentions"] = "claim"
    dead_letter_run: Annotated[int, Field(ge=1)] = Field(
        default=1000,
        description="Stop after this many dead letters in a row: then the fault is ours.",
    )
    crash_attempts: Annotated[int, Field(ge=2, le=100)] = Field(
        default=3,
        description="Dead-letter a record on which worker processes of this machine died so often, "
        "the last time with that record alone in hand.",
    )
    stall_s: Annotated[float, Field(ge=1, le=3600)] = Field(
        default=120.0,
        description="Exit 75 when notes wait and none was acknowledged for so long; longer than a "
        "rebalance (60 s) and a batch of usual notes. A batch of long notes gets more.",
    )


class ModelSettings(BaseSettings):
    """Which model bundle codes the notes."""

    model_config = _config("CMC_MODEL_")

    bundle_dir: Path | None = Field(
        default=None, description="A bundle made by `codemychart train`; default: the shipped one."
    )
    threads: Annotated[int, Field(ge=0, le=256)] = Field(
        default=0, description="CPU threads of the encoder; 0 lets it choose."
    )
    precision: Literal["f32", "bf16"] = Field(
        default="f32",
        description="bf16 is faster where the CPU has it; weakens replay: another kind of CPU may "
        "then code a note otherwise.",
    )


class LandingSettings(BaseSettings):
    """Where and how claims land as Parquet."""

    model_config = _config("CMC_LANDING_")

    lake: str = Field(description="s3a://bucket/prefix, or a folder.")
    checkpoint: str | None = Field(
        default=None, description="Default: <lake>/_checkpoints; keep it beside its lake."
    )
    trigger_s: Annotated[float, Field(ge=0, le=3600)] = 2.0
    max_offsets_per_batch: Annotated[int, Field(ge=1)] = 100_000
    master: str = "local[2]"
    driver_memory: str = "1g"
    s3_endpoint: str | None = Field(default=None, description="For a store other than AWS.")
    s3_region: str = "us-east-1"
    s3_access_key: str | None = None
    s3_secret_key: SecretStr | None = None
    s3_path_style: bool = True
    s3_encryption: Literal["SSE-S3", "SSE-KMS"] | None = Field(
        default=None,
        description="Ask the store to encrypt each object, and refuse one that does not say it did.",
    )
    s3_kms_key: str | None = Field(default=None, description="Id or ARN; default: the store's own.")
    stall_s: Annotated[float, Field(ge=10, le=86_400)] = Field(
        default=600.0,
        description="Not live any more when claims wait and none landed for so long; longer than "
        "the start of Spark and the largest batch.",
    )


class HealthSettings(BaseSettings):
    """Where a process that runs on answers for its health."""

    port: Annotated[int, Field(ge=0, le=65535)] | None = Field(
        default=None,
        description="/livez, /readyz and /metrics there; 0 takes a free port. Default: nowhere.",
    )
    address: str = Field(
        default="127.0.0.1",
        description="Whoever reaches it reads counts, never a note; there is no password.",
    )


class WorkerHealth(HealthSettings):
    """The worker's."""

    model_config = _config("CMC_WORKER_HEALTH_")


class LandingHealth(HealthSettings):
    """The landing's."""

    model_config = _config("CMC_LANDING_HEALTH_")


class ProducerHealth(HealthSettings):
    """That of a producer that runs on."""

    model_config = _config("CMC_PRODUCER_HEALTH_")


class ProducerSettings(BaseSettings):
    """What is published."""

    model_config = _config("CMC_PRODUCER_")

    patient_keys: Path | None = Field(
        default=None,
        description="File of keys by which a row's patient_id becomes its patient_ref; the last "
        "one signs. `codemychart patient-refs --help`.",
    )


class TrackingSettings(BaseSettings):
    """Where training runs are logged, under MLflow's own name."""

    model_config = _config("MLFLOW_TRACKING_")

    uri: str | None = Field(default=None, description="Default: a file in the state folder.")


class TracingSettings(BaseSettings):
    """Where spans go, under OpenTelemetry's own name."""

    model_config = _config("OTEL_EXPORTER_OTLP_")

    endpoint: str | None = Field(
        default=None, description="A collector that takes OTLP over HTTP. Default: no spans."
    )


class ServicesUnderTest(BaseSettings):
    """Running services for the project's tests; without them the tests start their own."""

    model_config = _config("CMC_TEST_")

    services: Literal["embedded", "containers", "auto"] = Field(
        default="embedded",
        description="What they start: processes of this machine, or containers; auto takes "
        "containers where a Docker engine answers.",
    )
    kafka_bootstrap_servers: str | None = None
    registry_url: str | None = None


ALL_SETTINGS = (
    FolderSettings,
    KafkaSettings,
    RegistrySettings,
    EncryptionSettings,
    WorkerSettings,
    ModelSettings,
    LandingSettings,
    WorkerHealth,
    LandingHealth,
    ProducerHealth,
    ProducerSettings,
    UiSettings,
    LoginSettings,
    TrackingSettings,
    TracingSettings,
    ServicesUnderTest,
)


S = TypeVar("S", bound=BaseSettings)


def read(kind: type[S], role: Role | None = None) -> S:
    """One group of settings for this process, with the credentials of its role on the broker.

    Raises SettingsError, naming the variable and what it should be (never its value), when one is
    missing, out of bounds or unknown.
    """
    files = variables.state_file_paths([SERVICES_ENV, *([role.env_file] if role else [])])
    given = variables.layers(files)
    variables.refuse_unknown(given, variables.known_variables(ALL_SETTINGS))
    secrets = variables.secrets_in_files(
        given, {name: variables.variable(kind, name) for name in variables.secret_fields(kind)}
    )
    try:
        return kind(_env_file=files, **secrets)  # type: ignore[arg-type] # fields, among pydantic's own arguments
    except ValidationError as error:
        problems = "; ".join(
            f"{variables.variable(kind, str(e['loc'][0]))}: {e['msg']}" for e in error.errors()
        )
        raise SettingsError(
            f"{problems}; set it in the environment or in .env, or start the embedded services "
            "with `codemychart up`"
        ) from None
