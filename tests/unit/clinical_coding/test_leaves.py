"""From a code to the billable leaf that the words around a mention support."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_coding.code_set import CodeSet
from clinical_coding.leaves import choose_leaf, choose_leaves, context_of, on_the_told_side
from clinical_coding.words import content_words

CASES = """
E11      |                        | E11.9
K21      |                        | K21.9
I50      |                        | I50.9
I50      | chronic diastolic      | I50.32
J45      |                        | J45.909
J45      | with exacerbation      | J45.901
J44      |                        | J44.9
M25.56   |                        | M25.569
M25.56   | right                  | M25.561
M25.569  | left                   | M25.562
M17      | right                  | M17.11
M17      | both                   | M17.0
S52.50   | left                   | S52.502A
S52.50   | left follow up healing | S52.502D
S93.40   | L                      | S93.402A
L03.11   | left leg               | L03.116
H66.90   | right                  | H66.91
N18      | stage 3b               | N18.32
R10      | left lower quadrant    | R10.32
G43      | aura                   | G43.109
C50      | left female            | C50.912
B20      |                        | B20
G56.00   | bilateral              | G56.03
S93.326A | left                   | S93.325A
T39.1X   |                        | T39.1X1A
T39.1X   | suicide attempt        | T39.1X2A
M54.5    |                        | M54.50
"""
PARSED = [tuple(cell.strip() for cell in line.split("|")) for line in CASES.strip().splitlines()]


@pytest.mark.parametrize(("code", "said", "leaf"), PARSED)
def test_the_leaf_is_the_one_whose_details_are_said(
    code_set: CodeSet, code: str, said: str, leaf: str
) -> None:
    """What is not said stays unspecified; sides and encounters are taken from the words."""
    chosen = choose_leaf(code_set, code, context_of((), content_words(said), ()))

    assert chosen is not None
    assert chosen.code == leaf


@pytest.mark.parametrize(
    ("code", "said", "leaves"),
    [
        ("M77.0", "bilateral", {"M77.01", "M77.02"}),
        ("M22.2X", "both", {"M22.2X1", "M22.2X2"}),
        ("G56.0", "bilateral", {"G56.03"}),
        ("M77.0", "right", {"M77.01"}),
        ("E11.9", "both", {"E11.9"}),
    ],
)
def test_both_sides_are_two_leaves_where_none_names_both(
    code_set: CodeSet, code: str, said: str, leaves: set[str]
) -> None:
    chosen = choose_leaves(code_set, code, context_of((), content_words(said), ()))

    assert {leaf.code for leaf in chosen} == leaves


@pytest.mark.parametrize(
    ("code", "said", "told", "leaf"),
    [
        ("S93.40", "", {"ankle": frozenset({"left"})}, "S93.402A"),
        ("S93.40", "", {"ankle": frozenset({"left", "right"})}, "S93.409A"),
        ("S93.40", "right", {"ankle": frozenset({"left"})}, "S93.401A"),
        ("S93.40", "", {"knee": frozenset({"left"})}, "S93.409A"),
        ("E11.9", "", {"diabetes": frozenset({"left"})}, "E11.9"),
    ],
)
def test_a_side_that_the_note_says_once_settles_where_none_is_said_again(
    code_set: CodeSet, code: str, said: str, told: dict[str, frozenset[str]], leaf: str
) -> None:
    """Guideline I.B.13; of two sides told, or of another part's, none is taken."""
    context = context_of((), content_words(said), ())
    chosen = choose_leaf(code_set, code, context)

    assert chosen is not None
    assert on_the_told_side(code_set, chosen, context, told).code == leaf


@given(
    code=st.data(),
    said=st.lists(st.sampled_from(["left", "right", "acute", "stage", "3", "aura", "with"])),
)
def test_any_code_with_leaves_gives_a_billable_leaf_below_or_beside_it(
    code_set: CodeSet, code: st.DataObject, said: list[str]
) -> None:
    drawn = code_set.codes[code.draw(st.integers(0, len(code_set) - 1))]
    chosen = choose_leaf(code_set, drawn, context_of((), said, ()))

    assert chosen is not None
    assert code_set.is_billable(chosen.code)
    assert chosen.code[:3] == drawn[:3]


def test_of_two_sides_the_nearer_counts() -> None:
    assert "left" in context_of(["right", "knee", "and", "left"], ["hip", "pain"], []).words
    assert "right" not in context_of(["right", "knee", "and", "left"], ["hip", "pain"], []).words
