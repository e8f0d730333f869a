"""What the Helm chart renders with the values that it comes with: tests/golden/chart.yaml."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_validate.utils import validate

from runtime.settings import ALL_SETTINGS
from runtime.variables import known_variables

ROOT = Path(__file__).parents[2]
OBJECTS: list[dict[str, Any]] = list(
    yaml.safe_load_all((ROOT / "tests" / "golden" / "chart.yaml").read_text())
)
OLDEST = "1.31"
PODS = {one["metadata"]["name"]: one["spec"]["template"] for one in OBJECTS if one["kind"] in ("Deployment", "Job")}  # fmt: skip
each_pod = pytest.mark.parametrize("pod", PODS.values(), ids=PODS)


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """The objects of a kind by name."""
    return {one["metadata"]["name"]: one for one in OBJECTS if one["kind"] == kind}


@pytest.mark.parametrize(
    "rendered",
    [one for one in OBJECTS if not one["apiVersion"].startswith("keda.sh/")],  # no kind of its own
    ids=lambda one: f"{one['kind']} {one['metadata']['name']}",
)
def test_each_object_is_as_kubernetes_has_it(rendered: dict[str, Any]) -> None:
    validate(rendered, OLDEST, strict=True)


@each_pod
def test_a_pod_meets_the_restricted_standard(pod: dict[str, Any]) -> None:
    """kubernetes.io/docs/concepts/security/pod-security-standards."""
    whole, (container,) = pod["spec"]["securityContext"], pod["spec"]["containers"]

    assert whole["runAsNonRoot"] is True
    assert whole["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["spec"]["automountServiceAccountToken"] is False


@each_pod
def test_a_secret_is_named_and_never_written(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]
    written = {one["name"] for one in container["env"] if "value" in one}

    assert not {n for n in written if re.search("SECRET|PASSWORD", n) and n[-5:] != "_FILE"}
    assert not of_kind("Secret")


@each_pod
def test_what_a_pod_is_given_is_a_setting_of_ours(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]
    given = {one["name"] for one in container["env"]}

    assert given | set(of_kind("ConfigMap")["codemychart-places"]["data"]) <= known_variables(
        ALL_SETTINGS
    )


def test_there_are_never_more_workers_than_partitions() -> None:
    prepare = PODS["codemychart-prepare"]["spec"]["containers"][0]["env"]
    (partitions,) = (int(e["value"]) for e in prepare if e["name"] == "CMC_KAFKA_PARTITIONS")

    assert of_kind("ScaledObject")["codemychart-worker"]["spec"]["maxReplicaCount"] <= partitions


def test_one_landing_ends_before_the_next_begins() -> None:
    landing = of_kind("Deployment")["codemychart-landing"]["spec"]

    assert landing["replicas"] == 1
    assert landing["strategy"] == {"type": "Recreate"}


def test_every_policy_and_budget_finds_pods_of_ours() -> None:
    labels = [pod["metadata"]["labels"] for pod in PODS.values()]
    found = [
        one["spec"].get("selector", one["spec"].get("podSelector"))["matchLabels"]
        for kind in ("PodDisruptionBudget", "NetworkPolicy")
        for one in of_kind(kind).values()
    ]

    assert len(found) == 5
    assert all(any(wanted.items() <= has.items() for has in labels) for wanted in found)
