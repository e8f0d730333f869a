"""Pages that others reach ask for a login, and the login for a provider that is safe."""

from pathlib import Path

import pytest

from clinical_coding.errors import SettingsError
from runtime.page_settings import LoginSettings, UiSettings, check_login

PROVIDER = {
    "redirect_uri": "https://coding.example/oauth2callback",
    "cookie_secret": "c" * 32,
    "client_id": "codemychart",
    "client_secret": "secret",
    "server_metadata_url": "https://id.example/.well-known/openid-configuration",
}


def _login(
    folder: Path, changed: dict[str, str] | None = None, *, mode: int = 0o600
) -> LoginSettings:
    file = folder / "secrets.toml"
    file.touch(mode=mode)
    lines = (f'{name} = "{value}"' for name, value in (PROVIDER | (changed or {})).items())
    file.write_text("\n".join(["[auth]", *lines]))
    return LoginSettings(secrets=file)


@pytest.mark.parametrize("address", ["0.0.0.0", "", "::", "192.168.1.7", "pages.example"])  # noqa: S104 - what is refused
def test_without_a_login_no_address_but_loopback_is_served(address: str) -> None:
    with pytest.raises(SettingsError, match="CMC_LOGIN_SECRETS"):
        check_login(LoginSettings(), UiSettings(address=address))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_loopback_needs_no_login(address: str) -> None:
    check_login(LoginSettings(), UiSettings(address=address))


def test_a_container_that_is_published_on_loopback_alone_needs_no_login() -> None:
    published = UiSettings(address="0.0.0.0", published_on_loopback=True)  # noqa: S104 - what is allowed
    check_login(LoginSettings(), published)


def test_with_a_login_any_address_is_served(tmp_path: Path) -> None:
    check_login(_login(tmp_path), UiSettings(address="0.0.0.0"))  # noqa: S104 - what is allowed


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"client_id": ""}, "client_id"),
        ({"cookie_secret": "short"}, "32 characters"),
        ({"redirect_uri": "http://coding.example/oauth2callback"}, "https in redirect_uri"),
        ({"server_metadata_url": "http://id.example/x"}, "https in server_metadata_url"),
    ],
)
def test_a_provider_that_is_not_whole_or_not_safe_is_refused(
    tmp_path: Path, changed: dict[str, str], told: str
) -> None:
    with pytest.raises(SettingsError, match=told) as refused:
        check_login(_login(tmp_path, changed), UiSettings())

    assert "secret.toml" not in str(refused.value)
    assert "'secret'" not in str(refused.value)


def test_a_file_of_secrets_that_others_may_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="only its owner"):
        check_login(_login(tmp_path, mode=0o644), UiSettings())
    with pytest.raises(SettingsError, match="TOML that can be read"):
        check_login(LoginSettings(secrets=tmp_path / "nowhere.toml"), UiSettings())
    with pytest.raises(SettingsError, match="another name"):
        check_login(LoginSettings(secrets=tmp_path / "oidc"), UiSettings())
