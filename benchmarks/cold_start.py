"""One note coded in a process of its own; prints its resident memory as one JSON line.

For benchmarks.engine, which measures how long the process takes.
"""

import json

import psutil

from benchmarks.notes_of_size import DAY
from clinical_coding.claim import Profile
from clinical_coding.engine import code_batch
from clinical_coding.note import Note
from runtime.model_bundle import load_bundle
from runtime.progress import silent
from runtime.settings import FolderSettings, ModelSettings, read


def main() -> None:
    """Load the bundle, code a note, print."""
    parts = load_bundle(read(ModelSettings), read(FolderSettings), silent).parts
    note = Note(text="Chest pain and shortness of breath for 2 days.", date_of_service=DAY)
    (coding,) = code_batch([note], parts, Profile.CLAIM)
    memory = psutil.Process().memory_info()
    print(json.dumps({"codes": len(coding.diagnoses), "rss_mb": memory.rss / 2**20}), flush=True)


if __name__ == "__main__":
    main()
