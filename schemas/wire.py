"""Records to bytes and back: Confluent's wire format, by the writer's schema.

A value is a zero byte, the writer's schema id (4 bytes, big-endian), then the Avro body. Reading
resolves the writer's schema, as registered under its id, against the contract in ``avro/``.
"""

import io
import json
import struct
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import fastavro
from fastavro.read import SchemaResolutionError
from fastavro.schema import SchemaParseException
from pydantic import TypeAdapter, ValidationError

from clinical_coding.errors import BrokenContractError, UndecodableEventError
from schemas.dangers import ParsedSchema, danger_of

MAGIC_BYTE = 0
HEADER = struct.Struct(">bI")
LARGEST_ID = 2**31 - 1  # registries count in Java's int; one may answer a larger id with a fault
# What parsing raises for another kind of schema, or for JSON that is none.
NO_SCHEMA = (
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    SchemaParseException,
)
R = TypeVar("R")


class WriterSchemas(Protocol):
    """Where a reader finds the schema that a record was written with."""

    def schema_text(self, schema_id: int) -> str | None:
        """The schema registered under this id, as JSON; None when there is none.

        Raises RegistryError when the registry does not answer.
        """


class RecordWriter(Generic[R]):
    """Writes records of one type under one registered schema id."""

    def __init__(self, record_type: type[R], schema_text: str, schema_id: int) -> None:
        self._plain = TypeAdapter(record_type)
        self._schema = parse(schema_text)
        self._header = HEADER.pack(MAGIC_BYTE, schema_id)

    def encode(self, record: R) -> bytes:
        """The record as a framed Avro value.

        Raises BrokenContractError when a value is not what the contract asks for.
        """
        body = io.BytesIO()
        body.write(self._header)
        try:
            fastavro.schemaless_writer(body, self._schema, self._plain.dump_python(record))
        except (ValueError, TypeError, UnicodeEncodeError, OverflowError, struct.error) as error:
            raise BrokenContractError(
                f"expected a {type(record).__name__} that fits its Avro contract; "
                f"got a value that raises {type(error).__name__}; correct the record"
            ) from None
        return body.getvalue()


class RecordReader(Generic[R]):
    """Reads records of one type, whatever registered version wrote them.

    ``then`` is done to each record that was read, for instance opening what is sealed.
    """

    def __init__(
        self,
        record_type: type[R],
        schema_text: str,
        writers: WriterSchemas,
        then: Callable[[R], R] = lambda record: record,
    ) -> None:
        self._then = then
        self._record = TypeAdapter(record_type)
        self._schema = parse(schema_text)
        self._writers = writers
        self._parsed: dict[int, ParsedSchema] = {}

    def decode(self, value: bytes | None) -> R:
        """The record in these bytes.

        Raises UndecodableEventError when the bytes fit no registered schema of this record,
        BrokenContractError when they do but a value breaks a rule, RegistryError when the
        registry does not answer, and what ``then`` raises.
        """
        return self._then(self._checked(self._plain(value)))

    def fields(self, value: bytes | None) -> dict[str, object]:
        """The same record as plain values by the contract's names, at less cost; ``then`` is left out.

        Raises as ``decode``.
        """
        plain = self._plain(value)
        self._checked(plain)
        return plain

    def _checked(self, plain: dict[str, object]) -> R:
        try:
            return self._record.validate_python(plain)
        except ValidationError as error:
            fields = sorted({".".join(map(str, e["loc"])) for e in error.errors()})
            raise BrokenContractError(
                f"expected values within the contract; got others in {', '.join(fields)}; "
                "correct them at the source"
            ) from None

    def _plain(self, value: bytes | None) -> dict[str, object]:
        schema_id = schema_id_of(value)
        body = io.BytesIO(value or b"")
        body.seek(HEADER.size)
        plain = self._resolve(body, schema_id)
        if body.tell() != len(value or b""):
            raise _undecodable(schema_id, value, "bytes left over")
        return plain

    def _resolve(self, body: io.BytesIO, schema_id: int) -> dict[str, object]:
        writer = self._writer(schema_id)
        try:
            plain = fastavro.schemaless_reader(body, writer, self._schema)
        except (
            EOFError,
            LookupError,
            MemoryError,
            OverflowError,
            SchemaResolutionError,
            TypeError,
            ValueError,
            struct.error,
        ) as error:
            raise _undecodable(schema_id, body.getvalue(), type(error).__name__) from None
        if not isinstance(plain, dict):
            raise _undecodable(schema_id, body.getvalue(), "no record")
        return plain

    def _writer(self, schema_id: int) -> ParsedSchema:
        if schema_id not in self._parsed:
            text = self._writers.schema_text(schema_id)
            if text is None:
                raise _undecodable(schema_id, None, "an id that the registry does not hold")
            try:
                parsed = parse(text)
            except NO_SCHEMA as error:
                what = f"no Avro schema ({type(error).__name__})"
                raise _undecodable(schema_id, None, what) from None
            if parsed.get("name") != self._schema.get("name"):
                raise _undecodable(schema_id, None, "the schema of another record")
            danger = danger_of(parsed)
            if danger:
                raise _undecodable(schema_id, None, danger)
            # The same object where they are equal: fastavro compares them for each record.
            self._parsed[schema_id] = self._schema if parsed == self._schema else parsed
        return self._parsed[schema_id]


def parse(schema_text: str) -> ParsedSchema:
    """A schema ready for fastavro, its named types in a room of their own."""
    parsed = fastavro.parse_schema(json.loads(schema_text), named_schemas={})
    if not isinstance(parsed, dict):
        raise BrokenContractError(
            f"expected a record schema; got {type(parsed).__name__}; correct the .avsc"
        )
    return parsed


def schema_id_of(value: bytes | None) -> int:
    """The writer's schema id of a framed value; UndecodableEventError when it is not framed."""
    if value is None or len(value) < HEADER.size or value[0] != MAGIC_BYTE:
        size = "no value" if value is None else f"{len(value)} bytes"
        raise UndecodableEventError(
            f"expected a zero byte and a schema id; got {size} that do not begin so; "
            "publish with a registry-aware serializer"
        )
    schema_id = int(HEADER.unpack_from(value)[1])
    if schema_id > LARGEST_ID:
        raise _undecodable(schema_id, value, "an id that no registry gives")
    return schema_id


def _undecodable(schema_id: int, value: bytes | None, what: str) -> UndecodableEventError:
    size = "" if value is None else f" and {len(value)} bytes"
    return UndecodableEventError(
        f"expected a record of a registered schema; got id {schema_id}{size}: {what}; "
        "register the writer's schema, then redrive this offset"
    )
