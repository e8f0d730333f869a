"""Whether two versions of a contract can read one another, and if not, which field is at fault.

Avro schema resolution (Avro 1.11 specification, section "Schema Resolution") in both directions:
FULL_TRANSITIVE asks it of every pair of versions. The registry is the authority; this says where.
"""

import json
from collections.abc import Iterable
from typing import Any

PROMOTIONS = {
    ("int", "long"), ("int", "float"), ("int", "double"), ("long", "float"), ("long", "double"),
    ("float", "double"), ("string", "bytes"), ("bytes", "string"),
}  # fmt: skip
Schema = Any  # Avro's JSON: a name, a list (union) or an object


def problems_with(new_text: str, version_texts: Iterable[str]) -> tuple[str, ...]:
    """What keeps this version from FULL_TRANSITIVE compatibility with all that are registered."""
    new = json.loads(new_text)
    found = [p for text in version_texts for p in incompatibilities(new, json.loads(text))]
    return tuple(dict.fromkeys(found))


def incompatibilities(new: Schema, old: Schema) -> tuple[str, ...]:
    """What keeps each version from reading the other; empty when they are fully compatible."""
    backward = [f"new can't read old: {p}" for p in _unreadable(new, old, "")]
    forward = [f"old can't read new: {p}" for p in _unreadable(old, new, "")]
    return tuple(dict.fromkeys(backward + forward))


def _unreadable(reader: Schema, writer: Schema, place: str) -> list[str]:
    """Why ``reader`` can't read what ``writer`` wrote; ``place`` is the field's path."""
    if isinstance(writer, list):
        return [p for branch in writer for p in _unreadable(reader, branch, place)]
    if isinstance(reader, list):
        tries = [_unreadable(branch, writer, place) for branch in reader]
        none = f"{place or 'record'}: no branch of the union takes {_kind(writer)}"
        return [none] if all(tries) else []
    kinds = (_kind(writer), _kind(reader))
    if kinds[0] != kinds[1] and kinds not in PROMOTIONS:
        return [f"{place or 'record'}: {kinds[0]} became {kinds[1]}"]
    return _unreadable_kind(reader, writer, place)


def _unreadable_kind(reader: Schema, writer: Schema, place: str) -> list[str]:
    """As ``_unreadable``, for two schemas of one kind, neither a union."""
    match _kind(reader):
        case "record":
            return _unreadable_record(reader, writer, place)
        case "enum":
            return _unreadable_enum(reader, writer, place)
        case "array":
            return _unreadable(reader["items"], writer["items"], f"{place}[]")
        case "map":
            return _unreadable(reader["values"], writer["values"], f"{place}{{}}")
        case _:
            return _unreadable_logical(reader, writer, place)


def _unreadable_record(reader: Schema, writer: Schema, place: str) -> list[str]:
    written = {field["name"]: field for field in writer["fields"]}
    problems = []
    for field in reader["fields"]:
        path = f"{place}.{field['name']}".lstrip(".")
        if field["name"] in written:
            problems += _unreadable(field["type"], written[field["name"]]["type"], path)
        elif "default" not in field:
            problems.append(f"field {path} has no default and is missing in the other version")
    return problems


def _unreadable_enum(reader: Schema, writer: Schema, place: str) -> list[str]:
    unknown = sorted(set(writer["symbols"]) - set(reader["symbols"]))
    if unknown and "default" not in reader:
        return [f"field {place}: symbols {', '.join(unknown)} are unknown and there is no default"]
    return []


def _unreadable_logical(reader: Schema, writer: Schema, place: str) -> list[str]:
    kinds = [s.get("logicalType") if isinstance(s, dict) else None for s in (writer, reader)]
    return [] if kinds[0] == kinds[1] else [f"field {place}: {kinds[0]} became {kinds[1]}"]


def _kind(schema: Schema) -> str:
    kind = schema["type"] if isinstance(schema, dict) else schema
    return kind if isinstance(kind, str) else _kind(kind)
