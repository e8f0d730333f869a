"""Settings of the pages: where they are served, what they hold, and who may do what there."""

import ipaddress
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from clinical_coding.errors import SettingsError

PROVIDER = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
SHORTEST_SECRET = 32  # characters: the cookies are signed with it
OTHERS = 0o077  # the bits of a file's mode that are not its owner's


class UiSettings(BaseSettings):
    """The pages."""

    model_config = SettingsConfigDict(
        env_prefix="CMC_UI_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    port: Annotated[int, Field(ge=0, le=65535)] = 8501
    address: str = Field(
        default="127.0.0.1", description="Another than loopback asks for a login (CMC_LOGIN_)."
    )
    published_on_loopback: bool = Field(
        default=False,
        description="Weakens privacy: the address is that of a container whose port is published on "
        "loopback alone, so no login is asked for.",
    )
    show_notes: bool = Field(
        default=False,
        description="Show note text beside its claim, under a login to coders only. Weakens privacy: "
        "without a login only for synthetic notes.",
    )
    max_claims: Annotated[int, Field(ge=10, le=100_000)] = 2000
    note_memory_mib: Annotated[int, Field(ge=1, le=4096)] = Field(
        default=64, description="Memory for the note texts that are shown, in MiB."
    )
    evaluation: Path | None = Field(
        default=None,
        description="The evaluation.json of `codemychart evaluate --report` that the analysis page "
        "shows; default: docs/evaluation.json, where it runs from a checkout.",
    )

    @property
    def is_local(self) -> bool:
        """Whether the address is loopback."""
        try:
            return ipaddress.ip_address(self.address).is_loopback
        except ValueError:
            return self.address == "localhost"


class LoginSettings(BaseSettings):
    """Who may do what on the pages, by OpenID Connect; off where no provider is named."""

    model_config = SettingsConfigDict(
        env_prefix="CMC_LOGIN_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    secrets: Path | None = Field(
        default=None,
        description="Streamlit's secrets.toml with the provider under [auth]; only its owner may "
        "read it. Default: no login, and the pages are for this machine alone.",
    )
    name_claim: str = Field(
        default="preferred_username",
        description="The claim of the ID token that is a person's name in audit log and reviews; "
        "without it its subject is. Have the provider keep it unique.",
    )
    roles_claim: str = Field(
        default="roles",
        description="The claim that holds a person's roles; dots lead into objects: "
        "realm_access.roles.",
    )
    viewer: str = Field(default="viewer", description="The role that sees the pages, no note.")
    coder: str = Field(default="coder", description="... that reads notes and reviews claims, too.")
    operator: str = Field(default="operator", description="... that puts dead letters back.")
    session_minutes: Annotated[float, Field(gt=0, le=7 * 24 * 60)] = Field(
        default=480, description="A session ends so long after its login, whatever is done in it."
    )
    idle_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = Field(
        default=15, description="It ends when neither key nor pointer was used for so long."
    )


def check_login(login: LoginSettings, ui: UiSettings) -> None:
    """Raises SettingsError where the pages would be open to others, or the login would not be safe."""
    if login.secrets is None:
        if not (ui.is_local or ui.published_on_loopback):
            raise SettingsError(
                f"expected a loopback address in CMC_UI_ADDRESS while there is no login; got "
                f"{ui.address!r}; name the provider's secrets.toml in CMC_LOGIN_SECRETS, leave the "
                "address 127.0.0.1, or say CMC_UI_PUBLISHED_ON_LOOPBACK=true in a container"
            )
        return
    given = _provider(login.secrets)
    missing = [name for name in PROVIDER if not str(given.get(name, "")).strip()]
    if missing:
        raise _refused(login.secrets, f"{', '.join(PROVIDER)} under [auth]",
                       f"no {', '.join(missing)}")  # fmt: skip
    if len(str(given["cookie_secret"])) < SHORTEST_SECRET:
        raise _refused(login.secrets, f"a cookie_secret of at least {SHORTEST_SECRET} characters",
                       "a shorter one")  # fmt: skip
    for name in ("redirect_uri", "server_metadata_url"):
        if not _is_safe(str(given[name])):
            raise _refused(login.secrets, f"https in {name}", "another scheme beyond loopback")


def _provider(path: Path) -> Mapping[str, object]:
    try:
        if path.suffix != ".toml":  # Streamlit reads no other one
            raise _refused(path, "a file that is called *.toml", "another name")
        if path.stat().st_mode & OTHERS:
            raise _refused(path, "a file that only its owner may read", "one that others may")
        given = tomllib.loads(path.read_text(encoding="utf-8")).get("auth")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(path, "TOML that can be read", type(error).__name__) from None
    return given if isinstance(given, dict) else {}


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    host = parts.hostname or ""
    return parts.scheme == "https" or (parts.scheme == "http" and UiSettings(address=host).is_local)


def _refused(path: Path, expected: str, got: str) -> SettingsError:
    return SettingsError(
        f"expected {expected} in CMC_LOGIN_SECRETS ({path}); got {got}; docs/pages.md shows one"
    )
