"""Writers' schemas under which a few bytes could end or stall whoever reads them.

The id in a record may be that of any schema in the registry. A type that refers to itself lets bytes
nest as deep as they are long, which overflows the stack of fastavro's native reader; a list of
something that takes no bytes may claim any length. Under any other schema reading takes no more steps
than there are bytes, times the schema's own size.
"""

from typing import Any

ParsedSchema = dict[str, Any]  # fastavro's own form


class _DangerError(Exception):
    """Its words say what is wrong with the schema."""


def danger_of(schema: ParsedSchema) -> str:
    """What makes the schema dangerous, in words; "" when nothing does."""
    try:
        _takes_bytes(schema, frozenset(), {})
    except _DangerError as danger:
        return str(danger)
    except RecursionError:
        return "a schema that nests too deep"
    return ""


def _takes_bytes(schema: Any, inside: frozenset[str], named: dict[str, bool]) -> bool:  # noqa: ANN401 - Avro's JSON
    """Whether a value takes a byte at least; ``inside`` are the records around it."""
    match schema:
        case str() if schema in inside:
            raise _DangerError("a schema that refers to itself")
        case str():
            return named.get(schema, schema != "null")
        case list():
            for branch in schema:  # whose number takes one
                _takes_bytes(branch, inside, named)
        case {"type": "record" | "error", "name": name, "fields": fields}:
            taking = [_takes_bytes(field["type"], inside | {name}, named) for field in fields]
            named[name] = _must(any(taking), "a record that takes no bytes")
        case {"type": "fixed", "name": name, "size": size}:
            named[name] = _must(size > 0, "a fixed that takes no bytes")
        case {"type": "array", "items": items}:
            _must(_takes_bytes(items, inside, named), "a list of what takes no bytes")
        case {"type": "map", "values": values}:
            _takes_bytes(values, inside, named)  # each entry has a key
        case {"type": inner} if inner != "enum":
            return _takes_bytes(inner, inside, named)
    return True


def _must(takes_bytes: bool, otherwise: str) -> bool:  # noqa: FBT001 - the condition itself
    if not takes_bytes:
        raise _DangerError(otherwise)
    return True
