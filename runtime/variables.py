"""Where settings come from: files in rising order, then the environment; secrets by files of their own.

``NAME_FILE`` names a file whose content is the secret ``NAME``, as container platforms mount them.
"""

import difflib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import get_args

import platformdirs
from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from clinical_coding.errors import SettingsError

Layer = Mapping[str, str | None]
FILE = "_FILE"


def state_file_paths(names: Iterable[str]) -> tuple[Path, ...]:
    """The files of these names in the state folder, then ``.env`` of the working folder."""
    own = Path(".env")
    state = os.environ.get("CMC_STATE_DIR") or dotenv_values(own).get("CMC_STATE_DIR")
    folder = Path(state) if state else platformdirs.user_state_path("codemychart")
    return *(folder / name for name in names), own


def layers(files: Iterable[Path]) -> tuple[Layer, ...]:
    """What each file gives, those that are not there nothing, and the environment above them."""
    return *(dotenv_values(file) for file in files), os.environ


def variable(kind: type[BaseSettings], field: str) -> str:
    """What a field of the settings is called in the environment."""
    return f"{kind.model_config.get('env_prefix', '')}{field}".upper()


def secret_fields(kind: type[BaseSettings]) -> list[str]:
    """The fields that may be given as a file."""
    return [
        name
        for name, field in kind.model_fields.items()
        if SecretStr in (field.annotation, *get_args(field.annotation))
    ]


def known_variables(kinds: Iterable[type[BaseSettings]]) -> set[str]:
    """Every variable that one of the settings has."""
    return {
        name
        for kind in kinds
        for name in (
            *(variable(kind, field) for field in kind.model_fields),
            *(variable(kind, field) + FILE for field in secret_fields(kind)),
        )
    }


def as_env_file(variables: Mapping[str, str]) -> str:
    """The text of a file that gives these variables."""
    return "".join(f"{name}={value}\n" for name, value in sorted(variables.items()))


def refuse_unknown(given: Iterable[Layer], known: Collection[str]) -> None:
    """Raises SettingsError for CMC_ variables that no setting has, with the nearest that one has."""
    unknown = sorted(
        {n for layer in given for n in layer if n.startswith("CMC_")}.difference(known)
    )
    if not unknown:
        return
    near = [difflib.get_close_matches(name, known, n=1) for name in unknown]
    hints = ", ".join(
        f"{name} (did you mean {match[0]}?)" if match else name
        for name, match in zip(unknown, near, strict=True)
    )
    raise SettingsError(f"expected known CMC_ variables; got {hints}; correct or unset them")


def secrets_in_files(given: Sequence[Layer], variables: Mapping[str, str]) -> dict[str, str]:
    """The secrets that a file holds, by field; ``variables`` says how each field's variable is called.

    A value in a higher layer comes first. Raises SettingsError when one layer gives both the value
    and a file, or the file cannot be read.
    """
    found = {field: _file_of(given, name) for field, name in variables.items()}
    return {f: _content(variables[f], Path(path)) for f, path in found.items() if path}


def _file_of(given: Sequence[Layer], name: str) -> str | None:
    for layer in reversed(given):
        value, path = layer.get(name), layer.get(name + FILE)
        if value and path:
            raise SettingsError(f"expected {name} or {name}{FILE}; got both; unset one")
        if value or path:
            return path
    return None


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"expected a text file that can be read in {name}{FILE}; got {type(error).__name__}; "
            "check its path and permissions"
        ) from None
