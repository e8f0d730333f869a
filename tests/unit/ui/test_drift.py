"""Change over time: the index by its definition, and the lake asked by the real query."""

import json
import math
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_coding.claim import Band
from consumers.lake import open_lake
from runtime.settings import LandingSettings
from tests.claims import CODED_AT, claim_event
from tests.landed import land
from ui.drift import LEAST, OTHER, Counted, counted, distances, most_common, stability
from ui.drift_charts import SHAPES, distance_chart, shares_chart

counts = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 1000), min_size=1)


@given(counts, counts)
def test_the_index_is_none_for_the_same_shares_and_else_more_and_the_same_both_ways(
    one: Mapping[str, int], other: Mapping[str, int]
) -> None:
    assert stability(one, {name: 3 * number for name, number in one.items()}) == pytest.approx(0)
    assert stability(one, other) >= 0
    assert stability(one, other) == pytest.approx(stability(other, one))


def test_the_index_of_a_known_pair() -> None:
    """Half and half against a quarter and three: (1/4) ln 2 + (-1/4) ln(2/3)."""
    expected = 0.25 * math.log(2) - 0.25 * math.log(2 / 3)

    assert stability({"a": 1, "b": 1}, {"a": 1, "b": 3}) == pytest.approx(expected)


def test_a_name_that_a_period_lacks_makes_a_large_index_not_an_endless_one() -> None:
    assert 1 < stability({"a": 5}, {"a": 5, "b": 5}) < 100


def _asked(lake: Path) -> list[Counted]:
    """As the command answers, without its process."""

    def run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        query = command[command.index("sql") + 1]
        with open_lake(LandingSettings(lake=str(lake))).connection() as duck:
            answer = duck.execute(query)
            names = [column[0] for column in answer.description or ()]
            rows = [json.dumps(dict(zip(names, row, strict=True))) for row in answer.fetchall()]
        return subprocess.CompletedProcess(command, 0, "\n".join(rows), "")

    return counted(run)


def test_the_lake_is_counted_by_period_encounter_category_and_band(tmp_path: Path) -> None:
    """A day has ten claims, the next one other encounters; each claim once, however often it landed."""
    claims = [
        replace(
            claim_event(f"n{n}"),
            event_id=f"e{n}",
            coded_at=CODED_AT + timedelta(days=4 * (n // 10)),
            encounter_class="AMB" if n < 10 else "IMP",
        )
        for n in range(15)
    ]
    land(tmp_path, 0, claims)
    land(tmp_path, 1, claims[:3])
    found = _asked(tmp_path)

    days = {one.at.date() for one in found}
    assert sorted(days) == [CODED_AT.date(), CODED_AT.date() + timedelta(days=4)]
    told = Counter[tuple[str, str]]()
    for one in found:
        told[one.kind, one.name] += one.number
    assert told == {
        ("encounter", "AMB"): 10, ("encounter", "IMP"): 5,
        ("category", "R07"): 15, ("band", "submit"): 15,
    }  # fmt: skip
    assert most_common(found, "encounter", 1) == ["AMB"]
    assert distances(found) == []
    many = [replace(one, number=LEAST * one.number) for one in found]
    far = {one.kind: one.index for one in distances(many)}
    assert far["encounter"] > 0.5
    assert far["category"] == far["band"] == 0
    assert distance_chart(distances(many)).to_dict()["layer"]


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_chance_alone_makes_no_distance_however_many_rare_names_there_are(random: Random) -> None:
    """A thousand categories, two periods of 400 codes drawn alike."""
    drawn = Counter((n % 2, random.randrange(1000)) for n in range(800))
    found = [
        Counted(at=CODED_AT + timedelta(days=day), kind="category", name=str(name), number=number)
        for (day, name), number in drawn.items()
    ]

    assert all(one.index < OTHER for one in distances(found))


def test_the_commonest_names_have_a_line_each_with_their_share_of_all() -> None:
    found = [Counted(at=CODED_AT, kind="category", name=f"A{n:02}", number=n) for n in range(1, 10)]
    told = shares_chart(found, "category", {"A09": "the ninth"}).to_dict()
    rows = told["datasets"][told["data"]["name"]]
    shares = {row["name"]: row["share"] for row in rows}

    assert sorted(shares) == ["A04", "A05", "A06", "A07", "A08", "the ninth"]
    assert shares["the ninth"] == pytest.approx(9 / 45)


def test_bands_have_the_colour_and_the_shape_that_they_have_elsewhere() -> None:
    """Other names take the next that is free."""
    names = ["keep", *Band]
    found = [Counted(at=CODED_AT, kind="band", name=name, number=1) for name in names]
    shapes = shares_chart(found, "band").to_dict()["encoding"]["shape"]["scale"]

    assert shapes == {
        "domain": ["keep", "review", "submit"],
        "range": [SHAPES[0], "diamond", "circle"],
    }


def test_a_lake_in_which_nothing_has_landed_has_no_counts(tmp_path: Path) -> None:
    assert _asked(tmp_path) == []
    assert distances([]) == []
