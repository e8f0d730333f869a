"""Pseudonyms of patients by keyed hash: one for one patient; only the key's holder can tell whose.

A reference is ``<key id>-<32 hex digits>``: the first half of HMAC-SHA256 over the identifier (RFC
2104; half is what its section 5 asks for at least). The newest key makes new references, older ones
are there to find what they made. Losing the keys loses the way back; whoever has them can try
identifiers.
"""

import hashlib
import hmac
from collections.abc import Sequence

from clinical_coding.note import PatientRef
from runtime.key_files import Key
from schemas.note_rows import PatientRefs, no_refs

HEX_DIGITS = 32


def patient_ref(patient_id: str, key: Key) -> PatientRef:
    """The patient's reference under this key; blanks around the identifier do not count."""
    digest = hmac.new(key.secret, patient_id.strip().encode(), hashlib.sha256).hexdigest()
    return PatientRef(f"{key.identity}-{digest[:HEX_DIGITS]}")


def refs_by(keys: Sequence[Key]) -> PatientRefs:
    """References by the newest key, none without a key."""
    return (lambda patient_id: patient_ref(patient_id, keys[-1])) if keys else no_refs
