"""The journal of what processes died on."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinical_coding.errors import StorageError
from runtime.attempts import AttemptJournal, Deaths, RecordPlace

GROUP = "workers"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal lies."""
    return tmp_path / "attempts.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[AttemptJournal]:
    """The journal of the process that lives."""
    opened = AttemptJournal(path, GROUP)
    yield opened
    opened.close()


def place(offset: int, *, partition: int = 0, published_us: int = 1) -> RecordPlace:
    return RecordPlace(topic="notes", partition=partition, offset=offset, published_us=published_us)


def begin(path: Path, group: str, *places: RecordPlace) -> None:
    AttemptJournal(path, group).begin(places)


def die(path: Path, *places: RecordPlace, group: str = GROUP) -> None:
    """A process takes the records in hand and is gone."""
    child = multiprocessing.get_context("spawn").Process(target=begin, args=(path, group, *places))
    child.start()
    child.join(30)
    assert child.exitcode == 0


def test_a_record_counts_the_processes_that_died_on_it_and_whether_the_last_had_no_other(
    path: Path, journal: AttemptJournal
) -> None:
    die(path, place(1), place(2))
    die(path, place(2))

    assert journal.deaths() == {
        place(1): Deaths(count=1, alone=False),
        place(2): Deaths(count=2, alone=True),
    }


def test_what_a_process_that_lives_has_in_hand_is_no_death(
    path: Path, journal: AttemptJournal
) -> None:
    """Its own or, after a rebalance, another's."""
    other = AttemptJournal(path, GROUP)
    other.begin([place(1)])
    journal.begin([place(1)])

    assert journal.deaths() == {}
    other.close()


def test_an_end_in_order_withdraws_what_was_in_hand_and_no_death(
    path: Path, journal: AttemptJournal
) -> None:
    die(path, place(1))
    journal.begin([place(1)])

    journal.withdraw()

    assert journal.deaths() == {place(1): Deaths(count=1, alone=True)}


def test_a_settled_record_is_forgotten_with_those_before_it_in_its_partition(
    path: Path, journal: AttemptJournal
) -> None:
    die(path, place(1), place(2), place(3), place(1, partition=1))
    journal.begin([place(2)])

    journal.forget([place(2)])

    assert list(journal.deaths()) == [place(3), place(1, partition=1)]


def test_groups_do_not_count_one_anothers_deaths(path: Path, journal: AttemptJournal) -> None:
    die(path, place(1), group="others")

    assert journal.deaths() == {}


def test_a_record_of_a_topic_that_was_made_anew_is_another_record(
    path: Path, journal: AttemptJournal
) -> None:
    die(path, place(1, published_us=1))

    assert place(1, published_us=2) not in journal.deaths()


def test_a_damaged_journal_is_begun_anew(path: Path, journal: AttemptJournal) -> None:
    path.write_bytes(b"no database" * 1000)

    journal.begin([place(1)])

    assert journal.deaths() == {}


def test_a_folder_that_cannot_be_used_is_said_and_tried_again(
    path: Path, journal: AttemptJournal
) -> None:
    path.mkdir()
    with pytest.raises(StorageError, match="CMC_STATE_DIR"):
        journal.begin([place(1)])
    path.rmdir()

    journal.begin([place(1)])

    assert path.is_file()
