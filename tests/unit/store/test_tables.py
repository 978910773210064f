"""Rows from the hot columns: the same as from the records, shared where alike, torn by name."""

import pytest
from support.studies import forked_study, opened, run, study

from peersim.answers import Invalid
from peersim.errors import StoreError
from peersim.readings.outcomes import values
from peersim.readings.rows import TrialRow
from peersim.store import tables
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.study.arms import finished_rows, planned_arms


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    directory = tmp_path_factory.mktemp("ran")
    run(forked_study(4, trials_per_history=2), directory)
    return directory


def row_of(record):
    """The row of a trial, from its record alone."""
    invalid = record.validity.origin if isinstance(record.validity, Invalid) else None
    return TrialRow(
        trial_id=record.trial_id,
        arm=record.spec.arm,
        history_id=record.history_id,
        surface=record.surface,
        block=record.block,
        invalid=invalid,
        values=values(record.outcome) if record.outcome else {},
        models=tuple(sorted({ref.ref for ref in record.spec.models.values()})),
        simulated=record.provenance.simulated,
        served=(("simulated/loyal", "simulated/loyal"),),
        session=1,
    )


def test_rows_say_what_the_records_say(ran):
    assert rows(RunView(ran)) == [row_of(record) for record, _ in RunView(ran).records()]


@pytest.mark.parametrize("remembered", [1, 2, 5])
def test_what_is_remembered_of_outcomes_changes_no_row(ran, monkeypatch, remembered):
    expected = rows(RunView(ran))
    monkeypatch.setattr(tables, "_REMEMBERED", remembered)
    assert rows(RunView(ran)) == expected


def test_rows_pass_the_checks_that_they_are_made_without(ran):
    for row in rows(RunView(ran)):
        assert TrialRow.model_validate(row.model_dump()) == row
        assert row.model_copy(update={"block": 7}).block == 7


def test_rows_of_an_arm_share_what_names_it(ran):
    found = finished_rows(RunView(ran))
    assert len({id(row.arm) for row in found}) == 4
    names = list({tuple(row.arm.items()): None for row in found})
    assert names == [tuple(arm.items()) for arm in planned_arms(RunView(ran))]
    for name in names:
        own = [(row.block, row.trial_id) for row in found if tuple(row.arm.items()) == name]
        assert own == sorted(own)


@pytest.mark.parametrize(
    ("column", "text"),
    [("outcome", '{"disposition":"prot'), ("arm", "{"), ("settings", "[]]"), ("arm", '{"a": 1}')],
)
def test_a_torn_column_is_named(tmp_path, column, text):
    run(study(2), tmp_path)
    with opened(tmp_path) as store:
        connection = store._writer._connection
        connection.execute(f"UPDATE trials SET {column}=? WHERE block=1", (text,))
    with pytest.raises(StoreError, match="is torn"):
        rows(RunView(tmp_path))


def test_a_snapshot_does_not_see_what_is_added_within_it(tmp_path):
    run(study(2), tmp_path)
    view = RunView(tmp_path)
    with opened(tmp_path) as store:
        with view.snapshot():
            before = rows(view)
            store._writer._connection.execute("DELETE FROM trials WHERE block=1")
            assert rows(view) == before
        assert len(rows(view)) < len(before)


def test_rows_fetched_in_parts_are_all_of_them(ran):
    (store,) = RunView(ran).stores
    query = "SELECT a.trial_id FROM trials a, trials b, calls LIMIT ?"
    assert len(list(store.each(query, 1300))) == len(store.query(query, 1300)) == 1300
    with pytest.raises(StoreError, match="is torn"):
        list(store.each("SELECT nothing FROM trials"))
