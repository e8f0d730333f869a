"""The software bill of materials (CycloneDX 1.6): locked Python packages and locked Java archives.

python .ci/sbom.py PACKAGES.cdx.json > codemychart.cdx.json
"""

import json
import sys
from pathlib import Path
from typing import Any

from runtime.jar_locks import JAR_SETS, Artifact, lock_text, parse


def main() -> None:
    """Add the archives to what cyclonedx-py has made of the packages' lock."""
    bill: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    archives = {_purl(jar): jar for name in JAR_SETS for jar in parse(lock_text(name))}
    bill["components"] += [_component(purl, archives[purl]) for purl in sorted(archives)]
    json.dump(bill, sys.stdout, indent=1, sort_keys=True)


def _component(purl: str, jar: Artifact) -> dict[str, object]:
    return {
        "type": "library",
        "bom-ref": purl,
        "purl": purl,
        "group": jar.organisation,
        "name": jar.module,
        "version": jar.revision,
        "hashes": [{"alg": "SHA-256", "content": jar.sha256}],
    }


def _purl(jar: Artifact) -> str:
    """As github.com/package-url/purl-spec has it for Maven."""
    qualifiers = {"classifier": jar.classifier, "type": jar.extension}
    told = "&".join(f"{name}={value}" for name, value in qualifiers.items() if value)
    return f"pkg:maven/{jar.organisation}/{jar.module}@{jar.revision}?{told}"


if __name__ == "__main__":
    main()
