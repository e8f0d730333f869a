"""The tables of docs/chaos.md."""

from tests.chaos.plan import plan_of
from tests.chaos.recovery import Happening, Reached
from tests.chaos.report import REPORT, Report, tables
from tests.chaos.verdict import Repeats, Verdict
from tests.reconciliations import complete


def _report(seed: int, *recovered_s: float | None) -> Report:
    plan = plan_of(seed, len(recovered_s), 100)
    kill = plan_of(0, 1, 100).faults[0]
    return Report(
        plan=plan,
        happenings=tuple(
            Happening(
                fault=kill,
                name="worker-1",
                ends=1,
                began_s=1.0,
                ended_s=2.0,
                goal=Reached(1, 2, 3),
                recovered_s=seconds,
            )
            for seconds in recovered_s
        ),
        skipped=(),
        verdict=Verdict(missing=0, doubled=0, dead_lettered=1, recovered_s=[2.0]),
        reconciliation=complete(100),
        repeats=Repeats(notes=16, claims=56, landed=55),
        disordered=0,
        hands=(),
        took_s=470.4,
    )


def test_a_report_is_the_same_when_it_is_read_from_its_file() -> None:
    report = _report(1, 2.0, None)

    assert REPORT.validate_json(REPORT.dump_json(report)) == report


def test_the_tables_have_a_row_for_each_run_and_one_for_each_kind_of_fault() -> None:
    """Times of all runs together, of those faults that were recovered from."""
    told = tables([_report(1, 2.0, None), _report(2, 4.0)]).splitlines()

    assert told[2].startswith("| 1 | 2 | 100 | 0 | 0 | 1 | 0 | 16 | 56 | 55 | 0 | 470 |")
    assert told[3].startswith("| 2 | 1 | 100 |")
    assert told[-2].endswith("| 3 | 2 | 3.0 | 4.0 |")
    assert told[-1] == "| all | 3 | 2 | 3.0 | 4.0 |"


def test_a_fault_that_was_never_recovered_from_has_no_times() -> None:
    assert tables([_report(1, None)]).splitlines()[-1] == "| all | 1 | 0 | - | - |"
