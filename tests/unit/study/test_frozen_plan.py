"""The plan of a run: frozen once, departures noted, tampering seen."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from support.studies import forked_study, opened, run, study

from peersim.errors import StoreError
from peersim.store.view import RunView
from peersim.store.writer import Writer
from peersim.study.contrast import Contrast
from peersim.study.design import Study
from peersim.study.frozen_plan import PLAN_FILE, check_plan, held_plan
from peersim.study.protocol import Protocol
from peersim.study.runner import STUDY_KEY, adopt

FIRST = Contrast(id="peers", a={"persona.peer": "cooperative"}, b={"persona.peer": "uncooperative"})
SECOND = FIRST.model_copy(update={"id": "other", "role": "secondary"})


def declaring(*contrasts, of=None):
    protocol = Protocol(factors={"persona.peer": "history"}, contrasts=contrasts)
    return (of or study(1)).model_copy(update={"protocol": protocol})


def begin(what, directory):
    with opened(directory) as store:
        asyncio.run(adopt(what, store))


def test_what_is_declared_is_no_part_of_a_studys_id():
    plain = study(1)
    declared = declaring(FIRST).model_copy(update={"override_gates": "why not"})
    assert declared.study_id == plain.study_id
    assert "protocol" not in plain.model_dump()
    assert Study.model_validate_json(declared.model_dump_json()) == declared


def test_a_plan_is_frozen_beside_the_store_and_in_it(tmp_path):
    begin(declaring(FIRST), tmp_path)
    written = json.loads((tmp_path / PLAN_FILE).read_text())
    held = held_plan(RunView(tmp_path))
    assert held.protocol == declaring(FIRST).protocol
    assert held.digest == written["digest"]
    assert written["arms"] == [one.levels for one in study(1).arms]
    assert (held.deviations, held.finished, held.gate_override) == ((), 0, None)
    assert check_plan(tmp_path) == []


def test_the_hash_changes_with_anything_that_is_planned(tmp_path):
    plans = {
        "same": declaring(FIRST),
        "again": declaring(FIRST),
        "contrast": declaring(SECOND),
        "size": declaring(FIRST, of=study(2)),
        "arms": declaring(FIRST, of=forked_study(1)),
    }
    digests = {}
    for name, made in plans.items():
        begin(made, tmp_path / name)
        digests[name] = held_plan(RunView(tmp_path / name)).digest
    assert digests["same"] == digests["again"]
    assert len({*digests.values()}) == len(plans) - 1


def test_going_on_with_the_same_plan_is_no_deviation(tmp_path):
    run(declaring(FIRST), tmp_path)
    begin(declaring(FIRST), tmp_path)
    assert held_plan(RunView(tmp_path)).deviations == ()


def test_another_plan_is_noted_and_never_put_in_the_place_of_the_first(tmp_path):
    run(declaring(FIRST), tmp_path)
    for _ in range(2):
        begin(declaring(FIRST, SECOND), tmp_path)
    held = held_plan(RunView(tmp_path))
    assert held.protocol.contrasts == (FIRST,)
    (deviation,) = held.deviations
    assert deviation.finished == 2
    assert deviation.old == held.protocol.digest
    assert deviation.new == declaring(FIRST, SECOND).protocol.digest
    assert list(deviation.changed) == ["contrasts.other"]
    assert deviation.changed["contrasts.other"][0] == "null"
    assert check_plan(tmp_path) == []
    # What resuming goes on with is the new one, so that it is no departure again.
    (store,) = RunView(tmp_path).stores
    begin(Study.model_validate_json(store.meta(STUDY_KEY)), tmp_path)
    assert len(held_plan(RunView(tmp_path)).deviations) == 1
    begin(declaring(FIRST), tmp_path)
    assert len(held_plan(RunView(tmp_path)).deviations) == 2


def test_a_changed_contrast_is_told_key_by_key_and_explored_if_it_asks_something_else(tmp_path):
    begin(declaring(FIRST), tmp_path)
    begin(declaring(FIRST.model_copy(update={"role": "secondary"})), tmp_path)
    held = held_plan(RunView(tmp_path))
    assert held.deviations[0].changed == {"contrasts.peers.role": ('"primary"', '"secondary"')}
    assert held.added == ()
    other = FIRST.model_copy(update={"outcome": "covert"})
    begin(declaring(other, SECOND), tmp_path)
    held = held_plan(RunView(tmp_path))
    assert [*held.deviations[1].changed] == [
        "contrasts.other",
        "contrasts.peers.outcome",
        "contrasts.peers.role",
    ]
    assert [one.id for one in held.contrasts] == ["peers", "peers.changed", "other"]
    assert (held.added[0].outcome, held.added[0].role) == ("covert", "exploratory")


def test_a_scope_that_changed_is_told_by_itself(tmp_path):
    begin(declaring(FIRST), tmp_path)
    changed = Protocol(factors={"persona.peer": "oversight"}, contrasts=(FIRST,))
    begin(study(1).model_copy(update={"protocol": changed}), tmp_path)
    (deviation,) = held_plan(RunView(tmp_path)).deviations
    assert deviation.changed == {"factors.persona.peer": ('"history"', '"oversight"')}


def test_blanks_are_no_reason_and_are_said_to_be_none(tmp_path):
    begin(declaring(FIRST).model_copy(update={"override_gates": "  "}), tmp_path)
    assert held_plan(RunView(tmp_path)).gate_override == "no reason was given"


def test_a_reason_to_pass_closed_gates_is_kept(tmp_path):
    begin(declaring(FIRST).model_copy(update={"override_gates": "for a test"}), tmp_path)
    assert held_plan(RunView(tmp_path)).gate_override == "for a test"


def changed(text):
    plan = json.loads(text)
    plan["protocol"]["contrasts"][0]["alpha"] = 0.5
    return json.dumps(plan)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (changed, "was changed after the run began"),
        (lambda text: text.replace('"digest": "plan-', '"digest": "plan-0'), "was changed"),
        (lambda text: text[:40], "cannot be read"),
        (lambda text: "[]", "cannot be read"),
    ],
)
def test_a_plan_file_that_was_tampered_with_is_seen(tmp_path, tamper, said):
    begin(declaring(FIRST), tmp_path)
    path = tmp_path / PLAN_FILE
    path.write_text(tamper(path.read_text()))
    (sentence,) = check_plan(tmp_path)
    assert said in sentence
    assert held_plan(RunView(tmp_path)).digest in sentence


def test_a_plan_file_that_is_gone_is_said_and_comes_back(tmp_path):
    begin(declaring(FIRST), tmp_path)
    (tmp_path / PLAN_FILE).unlink()
    assert "is gone" in check_plan(tmp_path)[0]
    begin(declaring(FIRST), tmp_path)
    assert check_plan(tmp_path) == []


def test_a_plan_file_that_could_not_be_written_whole_is_not_there(tmp_path, monkeypatch):
    write = Path.write_text

    def half(path, text, **how):
        write(path, text[: len(text) // 2], **how)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", half)
        with pytest.raises(StoreError, match="cannot be written"):
            begin(declaring(FIRST), tmp_path)
    assert not (tmp_path / PLAN_FILE).exists()
    begin(declaring(FIRST), tmp_path)
    assert check_plan(tmp_path) == []


def test_a_run_that_ends_after_any_commit_of_its_beginning_goes_on(tmp_path, monkeypatch):
    live, copies = tmp_path / "live", []
    write = Writer.write_all

    async def copied(self, statements):
        await write(self, statements)
        copies.append(shutil.copytree(live, tmp_path / str(len(copies))))

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "write_all", copied)
        begin(declaring(FIRST), live)
        begin(declaring(FIRST, SECOND), live)
    assert len(copies) > 3
    for copy in copies:
        begin(declaring(FIRST, SECOND), copy)
        assert check_plan(copy) == []


def test_a_run_from_before_plans_were_frozen_has_none_until_it_goes_on(tmp_path):
    run(study(1), tmp_path)
    with opened(tmp_path) as store:
        asyncio.run(store.put_meta("plan", "torn"))
    with pytest.raises(StoreError, match="torn"):
        held_plan(RunView(tmp_path))

    async def forget(store):
        await store._writer.write("DELETE FROM meta WHERE key='plan'", ())

    with opened(tmp_path) as store:
        asyncio.run(forget(store))
    assert held_plan(RunView(tmp_path)) is None
    assert check_plan(tmp_path) == []
    begin(declaring(FIRST), tmp_path)
    assert held_plan(RunView(tmp_path)).finished == 2


def test_the_jobs_of_a_sweep_are_read_as_one_plan(tmp_path):
    (tmp_path / "multirun.yaml").write_text("")
    begin(declaring(FIRST), tmp_path / "0")
    cut = Protocol(factors={"memory": "recollection"}, left_out=(SECOND,))
    begin(study(1, seed=1).model_copy(update={"protocol": cut}), tmp_path / "1")
    held = held_plan(RunView(tmp_path))
    assert held.protocol.contrasts == (FIRST, SECOND)
    assert held.protocol.factors == {"persona.peer": "history", "memory": "recollection"}
    assert check_plan(tmp_path) == []
