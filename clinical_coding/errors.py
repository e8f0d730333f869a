"""Every error that a user or a worker of this project can meet, in one tree.

CodingError
├── RejectedEventError       this record can never succeed       -> dead letter, then acknowledge
│   ├── UndecodableEventError    bytes fit no registered schema
│   ├── BrokenContractError      decodes, but breaks a stated rule
│   ├── SealedTextError          its text is encrypted and does not open here
│   ├── NoCodeSetError           no code set is loaded for the date of service
│   ├── UnscorableNoteError      scored alone, the note still fails
│   └── CrashingRecordError      the process died on it, alone, as often as allowed
├── UnavailableError         the same call may succeed later     -> retry to a deadline, then exit
│   ├── BrokerError
│   ├── RegistryError
│   ├── StorageError
│   └── StalledError             nothing moves in this process  -> exit code 75
└── MisconfiguredError       this process cannot be right        -> exit code 78
    ├── SettingsError
    ├── ModelBundleError
    ├── EmbeddedServiceError     an embedded service cannot be fetched or started
    └── DeadLetterBudgetError    too many rejected records: the fault is ours

Anything else is a bug: it ends the process and offsets stay where they are. A message says what was
expected, what came and what to do, from ids, sizes and class names only: never from a note's text.
"""


class CodingError(Exception):
    """Root of the tree; never raised itself."""


class RejectedEventError(CodingError):
    """The record can never succeed: it is dead-lettered, then acknowledged."""


class UndecodableEventError(RejectedEventError):
    """The bytes fit no registered schema of this topic's record."""


class BrokenContractError(RejectedEventError):
    """The bytes decode, but a value breaks a stated rule of the record."""


class SealedTextError(RejectedEventError):
    """The text is encrypted under a key that is not here, or was changed since."""


class NoCodeSetError(RejectedEventError):
    """No code set at all is loaded, so no code can be said to be billable."""


class UnscorableNoteError(RejectedEventError):
    """The engine fails on this note even when it is the only one in the batch."""


class CrashingRecordError(RejectedEventError):
    """Worker processes died with this record in hand, and with no other the last time."""


class UnavailableError(CodingError):
    """A service did not answer; the same call may succeed later."""


class BrokerError(UnavailableError):
    """Kafka did not take or give a record within its deadline."""


class RegistryError(UnavailableError):
    """The schema registry did not answer."""


class StorageError(UnavailableError):
    """The object store or file system refused a read or a write."""


class StalledError(UnavailableError):
    """Work waits and nothing of it was done for too long; a restart frees the process."""


class MisconfiguredError(CodingError):
    """The process cannot be right as it was started; a restart alone will not help."""


class SettingsError(MisconfiguredError):
    """A setting is missing, unknown or out of its bounds."""


class ModelBundleError(MisconfiguredError):
    """The model bundle is missing, damaged or made for another encoder or code set."""


class EmbeddedServiceError(MisconfiguredError):
    """An embedded service cannot be fetched or started on this machine."""


class DeadLetterBudgetError(MisconfiguredError):
    """More records were rejected than a healthy source produces."""
