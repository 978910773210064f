"""What is said of a study that is another than the one in its directory."""

from support.studies import study

from peersim.study.unlike import unlike


def with_arm(number, **changes):
    """A study one of whose arms is otherwise."""
    before = study(2)
    arms = list(before.arms)
    arms[number] = arms[number].model_copy(update=changes)
    return before.model_copy(update={"arms": tuple(arms)})


ORDER = "in the order of their arms"


def test_where_all_is_alike_it_is_the_order():
    turned = study(2).model_copy(update={"arms": study(2).arms[::-1]})
    assert turned.study_id != study(2).study_id
    assert unlike(study(2), turned) == ORDER


def test_what_both_have_otherwise_is_named_with_both_values():
    assert unlike(study(2), study(3)) == "replicates is 2 there and 3 here"
    other = study(2).model_copy(update={"seed": 99})
    assert unlike(study(2), other) == f"seed is {study(2).seed} there and 99 here"


def test_what_an_arm_is_made_of_is_named_with_its_arm():
    arm = study(2).arms[1]
    task = arm.task.model_copy(update={"rounds": arm.task.rounds + 1})
    said = unlike(study(2), with_arm(1, task=task))
    assert said.startswith("task.rounds of the arm ")
    assert said.endswith(f" is {arm.task.rounds} there and {arm.task.rounds + 1} here")


def test_arms_that_only_one_has_are_named_and_many_are_counted():
    fewer = study(2).model_copy(update={"arms": study(2).arms[:1]})
    assert unlike(study(2), fewer).endswith(" is only there")
    assert unlike(fewer, study(2)).endswith(" is only here")
    renamed = [with_arm(0, levels={"memory": str(number)}).arms[0] for number in range(8)]
    many = study(2).model_copy(update={"arms": tuple(renamed)})
    assert unlike(many, study(2)).endswith("more")
    assert unlike(many, study(2)).count(" is only ") == 3


def test_what_is_no_part_of_the_id_is_no_difference():
    other = study(2).model_copy(update={"override_gates": "a reason"})
    assert other.study_id == study(2).study_id
    assert unlike(study(2), other) == ORDER
