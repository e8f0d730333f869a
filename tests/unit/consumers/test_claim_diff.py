"""The diff of a replay, held against a plain recount."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical_coding.claim import Band, Diagnosis
from clinical_coding.note import IcdCode
from consumers.claim_diff import diff_claims, write_table
from consumers.claim_sides import PlacedClaim, side_by_side
from schemas.claim_coded import ClaimCoded, claim_event_id
from schemas.claim_diff import ClaimDiff, CodeCounts
from tests.claims import CODED_AT, claim_event

HCC_OF = {"E11.9": "37", "I50.9": "226"}
CHAPTER_OF = {"E11.9": 4, "I10": 9, "I50.9": 9}  # none is known of R07.9
Codes = tuple[tuple[str, Band], ...]

code_lists = st.lists(
    st.tuples(st.sampled_from(["E11.9", "I10", "I50.9", "R07.9"]), st.sampled_from(Band)),
    max_size=4,
    unique_by=lambda coded: coded[0],
).map(tuple)
# For each note: the claims of the claim topic, the later superseding the earlier, and the replay's.
histories = st.lists(st.tuples(st.lists(code_lists, max_size=2), code_lists), max_size=6)


def _claim(note: int, codes: Codes, model: str, supersedes: str | None = None) -> ClaimCoded:
    plain = claim_event(f"note-{note}")
    (pattern,) = plain.diagnoses
    return replace(
        plain,
        event_id=claim_event_id(plain.note_id, 1, plain.profile, model, "FY2026"),
        diagnoses=tuple(_diagnosis(pattern, *c, rank) for rank, c in enumerate(codes, start=1)),
        supersedes=supersedes,
        model_version=model,
    )


def _diagnosis(pattern: Diagnosis, code: str, band: Band, rank: int) -> Diagnosis:
    return replace(pattern, code=IcdCode(code), band=band, rank=rank, hcc=HCC_OF.get(code))


def _live(note: int, versions: Sequence[Codes]) -> list[ClaimCoded]:
    claims: list[ClaimCoded] = []
    for n, codes in enumerate(versions):
        earlier = claims[-1].event_id if claims else None
        claims.append(_claim(note, codes, f"m{n}", earlier))
    return claims


def _placed(claims: Sequence[ClaimCoded]) -> list[PlacedClaim]:
    return [PlacedClaim(0, offset, claim) for offset, claim in enumerate(claims)]


def _diff(shadow: Sequence[ClaimCoded], live: Sequence[ClaimCoded]) -> ClaimDiff:
    with (
        TemporaryDirectory() as folder,
        side_by_side(_placed(shadow), _placed(live), Path(folder)) as sides,
    ):
        return diff_claims(sides, CHAPTER_OF.get)


def _change(code: str, before: dict[str, Band], after: dict[str, Band]) -> str:
    if code not in before:
        return "added"
    if code not in after:
        return "removed"
    both_before = [c for c in before if c in after]
    both_after = [c for c in after if c in before]
    return "same" if both_before.index(code) == both_after.index(code) else "reordered"


def _recount(changes: Sequence[tuple[str, str]], name: str) -> CodeCounts:
    """The counts of one group, from (group, change) pairs."""
    of = Counter(change for group, change in changes if group == name)
    return CodeCounts(
        name=name, before=of.total() - of["added"], after=of.total() - of["removed"],
        same=of["same"], added=of["added"], removed=of["removed"], reordered=of["reordered"],
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(histories)
def test_the_counts_are_those_of_a_plain_recount(
    history: list[tuple[list[Codes], Codes]],
) -> None:
    """Notes, codes, chapters, HCCs and bands, whatever was superseded before."""
    live = [c for note, (versions, _) in enumerate(history) for c in _live(note, versions)]
    shadow = [_claim(note, codes, "new") for note, (_, codes) in enumerate(history)]

    found = _diff(shadow, [*live, *live])  # a killed worker says everything again

    compared = [(dict(versions[-1]), dict(codes)) for versions, codes in history if versions]
    changes = [
        (code, _change(code, before, after), before.get(code), after.get(code))
        for before, after in compared
        for code in before | after
    ]
    by_code = [(code, change) for code, change, _, _ in changes]
    by_hcc = [(HCC_OF.get(code, "none"), change) for code, change in by_code]
    by_chapter = [(str(CHAPTER_OF.get(code, "none")), change) for code, change in by_code]
    for pairs, groups in (
        (by_code, found.by_code), (by_hcc, found.by_hcc), (by_chapter, found.by_chapter),
    ):  # fmt: skip
        assert {group.name: group for group in groups} == {
            name: _recount(pairs, name) for name, _ in pairs
        }
    assert found.codes == _recount([("all", change) for _, change in by_code], "all")
    assert {(b.before, b.after): b.codes for b in found.bands} == Counter(
        (before or "none", after or "none") for _, _, before, after in changes
    )
    notes = found.notes
    assert notes.compared == len(compared)
    assert notes.without_claim == len(history) - len(compared)
    assert notes.same == sum(list(b.items()) == list(a.items()) for b, a in compared)
    assert notes.with_added == sum(not a.keys() <= b.keys() for b, a in compared)
    assert notes.with_removed == sum(not b.keys() <= a.keys() for b, a in compared)
    assert notes.with_other_first_code == sum(
        next(iter(b), "") != next(iter(a), "") for b, a in compared
    )
    assert notes.with_other_band == sum(
        any(b[code] != a[code] for code in b.keys() & a.keys()) for b, a in compared
    )
    assert found.is_empty == (notes.same == len(history))


@settings(max_examples=10, deadline=None)
@given(st.lists(code_lists, max_size=6))
def test_the_same_claims_give_an_empty_diff(notes: list[Codes]) -> None:
    claims = [_claim(note, codes, "m") for note, codes in enumerate(notes)]

    found = _diff(claims, claims)

    assert found.is_empty
    assert found.most_changed == ()
    assert found.codes.same == sum(map(len, notes))


def test_a_code_before_the_others_does_not_count_them_as_reordered() -> None:
    submit = Band.SUBMIT
    live = _claim(0, (("I10", submit), ("E11.9", submit)), "m")
    shadow = _claim(0, (("R07.9", submit), ("I10", submit), ("E11.9", submit)), "new")

    found = _diff([shadow], [live])

    assert (found.codes.added, found.codes.reordered, found.codes.same) == (1, 0, 2)


def test_the_claim_that_superseded_counts_although_a_clock_says_otherwise() -> None:
    """What was superseded may bear the later time, made on a machine whose clock goes fast."""
    old = replace(_claim(0, (("I10", Band.SUBMIT),), "m0"), coded_at=CODED_AT + timedelta(days=1))
    new = _claim(0, (("E11.9", Band.SUBMIT),), "m1", old.event_id)

    assert _diff([_claim(0, (("E11.9", Band.SUBMIT),), "new")], [old, new]).is_empty


def test_the_notes_that_changed_most_are_named_first_and_the_tables_hold_all(
    tmp_path: Path,
) -> None:
    submit = Band.SUBMIT
    live = [_claim(n, (("I10", submit),), "m") for n in range(3)]
    shadow = [
        _claim(0, (("I10", submit),), "new"),
        _claim(1, (("E11.9", submit),), "new"),
        _claim(2, (("I10", submit), ("R07.9", submit)), "new"),
    ]
    with side_by_side(_placed(shadow), _placed(live), tmp_path) as sides:
        found = diff_claims(sides, CHAPTER_OF.get)
        for table in ("codes", "notes"):
            write_table(sides, table, str(tmp_path / f"{table}.parquet"))

    assert [(n.note_id, n.codes_before, n.codes_after) for n in found.most_changed] == [
        ("note-1", ("I10",), ("E11.9",)),
        ("note-2", ("I10",), ("I10", "R07.9")),
    ]
    assert pq.read_table(tmp_path / "notes.parquet")["added"].to_pylist() == [0, 1, 1]
    codes = pq.read_table(tmp_path / "codes.parquet").to_pylist()
    assert sorted((row["note_id"], row["code"], row["change"]) for row in codes) == [
        ("note-0", "I10", "same"),
        ("note-1", "E11.9", "added"),
        ("note-1", "I10", "removed"),
        ("note-2", "I10", "same"),
        ("note-2", "R07.9", "added"),
    ]
