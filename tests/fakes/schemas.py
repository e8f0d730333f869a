"""A registry in memory."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FakeWriterSchemas:
    """Meets WriterSchemas with the schemas that it was given."""

    texts: Mapping[int, str]

    def schema_text(self, schema_id: int) -> str | None:
        """The schema under this id, None when there is none."""
        return self.texts.get(schema_id)
