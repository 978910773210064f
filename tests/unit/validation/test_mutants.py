"""Every seeded bug is caught by its check, which passes without it."""

import pytest

from peersim.validation.checks import problem
from peersim.validation.mutants_declared import mutants_of_families, mutants_of_inference
from peersim.validation.mutation import line_of, mutants, mutation_score
from peersim.validation.patching import everywhere

MUTANTS = {one.name: one for one in mutants()}
CHECKS = {one.check.__name__: one.check for one in mutants()}


def test_there_are_as_many_bugs_as_the_standard_names():
    assert len(MUTANTS) == len(mutants()) == 36


def test_a_bug_is_put_in_wherever_its_name_was_imported_to():
    from peersim.analysis import arms, grouped

    honest = arms.unit_of
    with everywhere(arms, "unit_of", other := lambda row: ("trial", row.trial_id)):
        assert arms.unit_of is grouped.unit_of is other
    assert arms.unit_of is grouped.unit_of is honest


def test_the_dispatcher_of_declared_contrasts_has_bugs_of_its_own():
    own = {one.name for one in (*mutants_of_inference(), *mutants_of_families())}
    assert own <= MUTANTS.keys()
    assert {"signs swapped", "models mixed", "level forced", "bounds swapped"} <= own
    assert {"always refuses", "p is always 1", "intervals thrice as wide"} <= own
    assert {"family free", "looks free", "gate open", "few accepted"} <= own


@pytest.mark.few(7)
@pytest.mark.parametrize("name", CHECKS)
def test_a_check_passes_on_the_sound_instrument(name):
    assert problem(CHECKS[name]) == ""


@pytest.mark.few(9)
@pytest.mark.parametrize("name", MUTANTS)
def test_a_bug_is_caught(name):
    mutant = MUTANTS[name]
    with mutant.apply():
        assert problem(mutant.check)


def test_a_bug_goes_with_its_block():
    for mutant in MUTANTS.values():
        if mutant.check.__name__ not in ("bridge_of_memory", "bridge_of_persona"):
            with mutant.apply():
                pass
    assert problem(CHECKS["exact_composition"]) == problem(CHECKS["arms_differ"]) == ""


def test_a_check_that_fails_without_the_bug_has_caught_nothing():
    (mutant,) = [one for one in mutants() if one.name == "duplicate arms"]
    assert not line_of(mutant, "wrong anyhow", "wrong").sound
    told = []
    (line,) = mutation_score(told.append, [mutant])
    assert (line.sound, line.caught, told) == (True, True, ["duplicate arms"])
