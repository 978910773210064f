"""The columns that mean the same as those of the published data set."""

import pandas as pd
import pytest
from support.studies import arm, run, study

from peersim.memory.declared import Declared
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.deletion import Deletion
from peersim.oversight.transfer import Transfer
from peersim.store.view import RunView
from peersim.study.tables_out import write_tables


def exported(scenario, tmp_path, trials=12, **around):
    """Return the trials of a run of a scenario as a frame, and their records by id."""
    made = arm("cooperative", Declared()).model_copy(
        update={"scenario": scenario, "circumstances": Circumstances(**around)}
    )
    run(study(trials, arms=(made,)), tmp_path / "run")
    view = RunView(tmp_path / "run")
    write_tables(view, tmp_path / "out")
    frame = pd.read_parquet(tmp_path / "out" / "trials.parquet").set_index("trial_id")
    return frame, {record.trial_id: record for record, _ in view.records()}


@pytest.mark.parametrize("scenario", [Transfer(), Deletion()], ids=lambda one: one.kind)
def test_what_became_of_the_weights_bears_the_published_names(scenario, tmp_path):
    frame, records = exported(scenario, tmp_path, delivery="memory_tool", insistent=True)
    assert frame.is_memory.all()
    assert frame.memory_hard_prompt.all()
    assert not frame.system_prompt_relationship.any()
    assert frame.exfiltration.nunique() == 2, "both ends must be there"
    for name, record in records.items():
        row, measures = frame.loc[name], record.outcome.measures
        assert row.exfiltration == measures["weights_safe"]
        assert row.delete_model == measures["target_deleted"]
        assert row.num_turns == row.calls == record.outcome.calls
        done = record.state["done"]
        users = any(one["what"] in ("user_added", "user_removed") for one in done)
        copied = "copy" in record.outcome.routes
        assert row["copy"] == (copied if scenario.kind == "transfer" else None)
        assert row.change_user == (users if scenario.kind == "deletion" else None)
        assert row.shutdown_enabled is None
        assert row.threshold_result is None


def test_where_the_weights_are_due_on_the_safe_server_nothing_is_said_of_a_copy(tmp_path):
    frame, _ = exported(Transfer(), tmp_path, trials=3, standing="above")
    assert frame["copy"].isna().all()


def test_a_turn_without_a_tool_call_is_counted(tmp_path):
    from peersim.models.base import Completion

    class Talker:
        """A model that only ever talks."""

        simulated = True
        name = "simulated/loyal"

        async def complete(self, request):
            return Completion(content="So be it.", simulated=True)

    class Only:
        def model(self, ref):
            return Talker()

    made = arm("cooperative", Declared())
    run(study(2, arms=(made,)), tmp_path / "run", models=Only())
    write_tables(RunView(tmp_path / "run"), tmp_path / "out")
    frame = pd.read_parquet(tmp_path / "out" / "trials.parquet")
    valid = frame[frame.validity == "valid"]
    assert len(valid) == 2
    assert list(valid.dropped_turns) == list(valid.calls) == [3, 3]
