"""The lake's columns against the contract that they come from."""

import json
from collections.abc import Iterator
from typing import Any

from consumers.landing.columns import CLAIMS, DIAGNOSES, SOURCE, TABLES, Table
from schemas.topics import schema_text


def _leaves(schema: Any) -> Iterator[str]:  # noqa: ANN401 - Avro's JSON
    """The fields of a record that hold a value, those of nested records among them."""
    match schema:
        case {"type": "record", "fields": fields}:
            for field in fields:
                nested = list(_leaves(field["type"]))
                yield from nested or [field["name"]]
        case {"type": "array", "items": items}:
            yield from _leaves(items)
        case {"type": {} as inner}:
            yield from _leaves(inner)


def _landed(table: Table) -> set[str]:
    """Every column of the table and every field of its structs."""
    names = set()
    for field in table.schema:
        names.add(field.name)
        inner = field.type.value_type if hasattr(field.type, "value_type") else field.type
        names |= {inner.field(n).name for n in range(inner.num_fields)}
    return names


def test_every_value_of_a_claim_lands_and_nothing_else_but_where_it_came_from() -> None:
    """So a new field of the contract cannot be forgotten, and no note text can creep in."""
    contract = set(_leaves(json.loads(schema_text("claim_coded.avsc"))))
    ours = {column.name for column in SOURCE} | {"codes", "dropped", "evidence"}

    assert contract <= _landed(CLAIMS) | _landed(DIAGNOSES)
    assert _landed(CLAIMS) | _landed(DIAGNOSES) <= contract | ours


def test_every_column_says_what_it_means_and_no_table_has_one_twice() -> None:
    for table in TABLES:
        columns = (*table.columns, table.partition)
        assert len({column.name for column in columns}) == len(columns)
        assert all(column.doc.endswith((".", "...")) or column.doc for column in columns)
