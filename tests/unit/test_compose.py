"""docker-compose.yml as it is written: what each of its containers may and may not."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime.settings import ALL_SETTINGS
from runtime.variables import known_variables

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PAGE = (ROOT / "docs" / "containers.md").read_text()
OWN_PORT = re.compile(r"127\.0\.0\.1:\$\{[A-Z]+_PORT:-\d+\}:\d+")
each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


@each_service
def test_a_container_has_no_privileges_and_writes_only_where_it_is_told(
    service: dict[str, Any],
) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_nobody_is_root_but_who_hands_out_the_volumes_and_has_no_network() -> None:
    roots = {name for name, service in SERVICES.items() if service.get("user") == "root"}

    assert roots == {"keys"}
    assert SERVICES["keys"]["network_mode"] == "none"


@each_service
def test_a_container_has_bounds_for_memory_cores_and_processes(service: dict[str, Any]) -> None:
    assert set(service["deploy"]["resources"]["limits"]) == {"memory", "cpus", "pids"}


@each_service
def test_an_image_is_ours_or_has_its_version_in_its_name(service: dict[str, Any]) -> None:
    built = {s["image"] for s in SERVICES.values() if "build" in s}

    assert service["image"] in built or re.search(r":v?\d+\.\d+\.\d+$", service["image"])


@each_service
def test_a_port_is_published_to_this_machine_alone(service: dict[str, Any]) -> None:
    assert all(OWN_PORT.fullmatch(port) for port in service.get("ports", ()))


def test_only_who_publishes_a_port_is_on_a_network_with_a_way_out() -> None:
    outside = {name for name, s in SERVICES.items() if "outside" in s.get("networks", ())}

    assert outside == {name for name, s in SERVICES.items() if "ports" in s}
    assert COMPOSE["networks"]["inside"] == {"internal": True}


@each_service
def test_a_service_waits_until_what_it_needs_is_well_or_done(service: dict[str, Any]) -> None:
    waited = service.get("depends_on", {}).values()

    assert all(on["condition"] != "service_started" for on in waited)


def test_what_is_given_to_a_container_is_a_setting_of_ours() -> None:
    known = known_variables(ALL_SETTINGS)
    given = {n for s in SERVICES.values() for n in s.get("environment", {}) if n[:4] == "CMC_"}
    in_images = set(re.findall(r"\b(CMC_[A-Z0-9_]+)=", DOCKERFILE))

    assert given | in_images <= known


def test_no_secret_is_written_down() -> None:
    given = {n for s in SERVICES.values() for n in s.get("environment", {})}

    assert not {n for n in given if re.search(r"SECRET|PASSWORD", n) and not n.endswith("_FILE")}


def test_the_page_names_every_port_that_can_be_moved() -> None:
    ports = {port for s in SERVICES.values() for port in s.get("ports", ())}

    assert all(re.findall(r"\{([A-Z_]+):", port)[0] in PAGE for port in ports)


def test_each_image_of_ours_runs_as_somebody_and_says_whether_it_is_well() -> None:
    targets = {s["build"]["target"] for s in SERVICES.values() if "build" in s}
    stages = dict(
        re.findall(r"^FROM \S+ AS (\w+)$((?:(?!^FROM).)*)", DOCKERFILE, re.MULTILINE | re.DOTALL)
    )

    assert targets == {"service", "landing", "tracking"}
    for target in targets:
        assert "USER codemychart" in stages[target]
        assert "HEALTHCHECK" in stages[target]
        assert 'ENTRYPOINT ["' in stages[target]
