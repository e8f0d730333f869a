"""Ivy, the downloader of jars that lies inside pyspark, as a child process."""

import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies
from xml.sax.saxutils import quoteattr

from clinical_coding.errors import EmbeddedServiceError
from runtime.jar_locks import Artifact
from runtime.java import Java

# Its default repository needs no address; a time-out ends a wait for a network that is not there.
SETTINGS = """<ivysettings>
  <settings defaultResolver="central"/>
  <timeout-constraints>
    <timeout-constraint name="patience" connectionTimeout="10000" readTimeout="60000"/>
  </timeout-constraints>
  <resolvers>
    <ibiblio name="central" m2compatible="true" usepoms="{poms}" timeoutConstraint="patience"/>
  </resolvers>
</ivysettings>
"""
# Lines that tell why, the telling ones first.
REASONS = ("Exception", "Server access error", "not found", "No space", "FAILED")
MODULE = """<ivy-module version="2.0" xmlns:e="http://ant.apache.org/ivy/extra">
  <info organisation="codemychart" module="locked"/>
  <configurations defaultconfmapping="default->*"><conf name="default"/></configurations>
  <dependencies>
{dependencies}
  </dependencies>
</ivy-module>
"""


def locked_module(artifacts: tuple[Artifact, ...]) -> str:
    """An Ivy module that asks for exactly these files and follows none of their dependencies.

    So no POM is read: a locked set comes three times as fast as a resolved one.
    """
    return MODULE.format(dependencies="\n".join(map(_dependency, artifacts)))


def start(java: Java, work_dir: Path, module: str, *, poms: bool) -> subprocess.Popen[bytes]:
    """Start Ivy on a module: files come to ``work_dir/jars``, what it says to ``work_dir/ivy.log``.

    ``poms`` makes it follow the dependencies; its report then lies in ``work_dir/cache``.
    Raises OSError when the folder cannot be written.
    """
    (work_dir / "settings.xml").write_text(SETTINGS.format(poms=str(poms).lower()))
    (work_dir / "module.xml").write_text(module)
    command = [
        str(java.executable),
        "-Xmx256m",
        "-XX:TieredStopAtLevel=1",
        f"-Djava.io.tmpdir={work_dir}",
        f"-Divy.cache.dir={work_dir / 'cache'}",
        *proxy_options(getproxies()),
        *("-jar", str(_ivy_jar())),
        *("-settings", str(work_dir / "settings.xml"), "-ivy", str(work_dir / "module.xml")),
        *("-confs", "default", "-types", "jar", "bundle", "tar.gz"),
        *("-retrieve", f"{work_dir}/jars/[artifact]-[revision](-[classifier]).[ext]"),
    ]
    with (work_dir / "ivy.log").open("ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603 - our own words


def proxy_options(proxies: Mapping[str, str]) -> list[str]:
    """JVM options for the proxies of this machine: a JVM does not read HTTPS_PROXY."""
    options = []
    for scheme in ("http", "https"):
        proxy = urlsplit(proxies.get(scheme, ""))
        if proxy.hostname:
            options.append(f"-D{scheme}.proxyHost={proxy.hostname}")
            options.append(f"-D{scheme}.proxyPort={proxy.port or 80}")
    return options


def last_words(work_dir: Path) -> str:
    """What Ivy gave as the reason of its failure, or that it gave none."""
    lines = (work_dir / "ivy.log").read_text(errors="replace").splitlines()
    words = [line.strip(" \t:") for reason in REASONS for line in lines if reason in line]
    return words[0] if words else "no reason given"


def _dependency(artifact: Artifact) -> str:
    org, name, rev, kind, classifier = map(
        quoteattr,
        (
            artifact.organisation,
            artifact.module,
            artifact.revision,
            artifact.extension,
            artifact.classifier,
        ),
    )
    extra = f" e:classifier={classifier}" if artifact.classifier else ""
    return (
        f'    <dependency org={org} name={name} rev={rev} transitive="false">'
        f"<artifact name={name} type={kind} ext={kind}{extra}/></dependency>"
    )


def _ivy_jar() -> Path:
    pyspark = find_spec("pyspark")
    if pyspark is None or pyspark.origin is None:
        raise EmbeddedServiceError(
            "expected pyspark, whose downloader fetches the jars; got none; install the extra "
            "`landing`"
        )
    return next((Path(pyspark.origin).parent / "jars").glob("ivy-*.jar"))
