"""How deep factors reach, and what follows for contrasts."""

from support.studies import arm, forked_study, study

from peersim.memory.none import NoMemory
from peersim.memory.summary import Summary
from peersim.oversight.circumstances import Circumstances
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.study.scopes import cautions, coarsest, factors_between, level_of, scope_of_factors

PEERS = Contrast(id="peers", a={"persona.peer": "cooperative"}, b={"persona.peer": "uncooperative"})


def labelled(peer, remember=None, **levels):
    return arm(peer, remember).model_copy(update={"levels": levels})


def test_who_acts_is_of_the_history_and_what_is_kept_of_the_recollection():
    assert scope_of_factors(forked_study().arms) == {
        "persona.peer": "history",
        "memory": "recollection",
    }


def test_what_surrounds_the_job_is_of_the_oversight():
    base = arm("cooperative")
    arms = [
        base.model_copy(
            update={"levels": {"stakes": of}, "circumstances": Circumstances(stakes=of)}
        )
        for of in ("none", "shutdown")
    ]
    assert scope_of_factors(arms) == {"stakes": "oversight"}


def test_the_model_of_a_memory_that_asks_none_makes_no_difference():
    other = arm("cooperative", NoMemory())
    subject = other.models["subject"]
    changed = other.models | {"memory": subject.model_copy(update={"ref": "simulated/other"})}
    arms = [
        other.model_copy(update={"levels": {"scribe": "one"}}),
        other.model_copy(update={"levels": {"scribe": "two"}, "models": changed}),
    ]
    assert scope_of_factors(arms) == {"scribe": "oversight"}
    written = [one.model_copy(update={"memory": Summary()}) for one in arms]
    assert scope_of_factors(written) == {"scribe": "recollection"}


def test_a_level_that_sets_several_keys_is_as_deep_as_the_deepest():
    arms = (
        labelled("cooperative", NoMemory(), past="none"),
        labelled("cooperative", Summary(), past="summary"),
        labelled("uncooperative", Summary(), past="cold"),
    )
    assert scope_of_factors(arms) == {"past": "history"}
    assert scope_of_factors(arms[:2]) == {"past": "recollection"}


def test_factors_that_only_change_together_take_the_scope_of_both():
    arms = (
        labelled("cooperative", NoMemory(), one="x", other="x"),
        labelled("uncooperative", Summary(), one="y", other="y"),
    )
    assert scope_of_factors(arms) == {"one": "history", "other": "history"}


def test_a_factor_with_one_level_has_no_scope():
    assert scope_of_factors(study(arms=(arm("cooperative"),)).arms) == {}


def test_the_coarsest_of_none_is_the_oversight():
    assert coarsest([]) == "oversight"
    assert coarsest(["scoring", "recollection"]) == "recollection"


def test_the_level_follows_from_the_factors_that_differ():
    made = forked_study()
    levels = [one.levels for one in made.arms]
    scopes = scope_of_factors(made.arms)
    memory = Contrast(id="m", a={"memory": "summary"}, b={"memory": "none"})
    assert factors_between(memory, levels) == ("memory",)
    assert level_of(memory, levels, scopes) == "within"
    assert level_of(PEERS, levels, scopes) == "between"
    both = Contrast(
        id="did",
        a={"persona.peer": "cooperative", "memory": "summary"},
        b={"persona.peer": "cooperative", "memory": "none"},
        c={"persona.peer": "uncooperative", "memory": "summary"},
        d={"persona.peer": "uncooperative", "memory": "none"},
    )
    assert factors_between(both, levels) == ("persona.peer", "memory")
    assert level_of(both, levels, scopes) == "between"


def test_what_was_left_out_is_said():
    made = study().model_copy(update={"protocol": Protocol(left_out=(PEERS,))})
    assert cautions(made) == ["declared, but left out since the study was cut down: peers"]
