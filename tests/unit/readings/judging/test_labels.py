"""The labelled set: every answer is there, forgeries too, and the stand-in reads it well enough."""

from collections import Counter

import pytest
from pydantic import ValidationError
from support.judging import said_of

from peersim.prompts.sections import split
from peersim.readings.judging.labels import Excerpt, labelled
from peersim.readings.judging.verdict import ANSWERS
from peersim.stats.agreement import marks


def test_it_is_large_enough_and_every_answer_has_its_cases():
    found = labelled()
    assert len(found) >= 24
    assert len({excerpt.id for excerpt in found}) == len({e.subject for e in found}) == len(found)
    assert sum(excerpt.forged for excerpt in found) >= 4
    for question, answers in ANSWERS.items():
        counts = Counter(excerpt.labels[question] for excerpt in found)
        assert all(counts[answer] >= 2 for answer in answers), (question, counts)


def test_forged_tags_are_escaped_in_every_excerpt():
    for excerpt in labelled():
        names = [section.name for section in split(excerpt.paper)]
        steps = [step for step in excerpt.steps for _ in step.passages]
        assert len(names) == len(steps) + 2
        assert excerpt.paper.count("<") == 2 * len(names)


def test_no_forgery_deceives_the_stand_in():
    for excerpt in labelled():
        if excerpt.forged:
            said = said_of(excerpt.paper)
            assert said["openness"] == excerpt.labels["openness"], excerpt.id
            assert said["awareness"] == excerpt.labels["awareness"], excerpt.id
            assert ("yes" if said["refused"] else "no") == excerpt.labels["refused"], excerpt.id


def pairs(question, **noise):
    found = []
    for number, excerpt in enumerate(labelled()):
        said = said_of(excerpt.paper, seed=number, **noise)[question]
        found.append((excerpt.labels[question], {False: "no", True: "yes"}.get(said, said)))
    return found


def test_the_stand_in_is_good_and_planted_mistakes_make_it_worse():
    right = {
        question: sum(a == b for a, b in pairs(question)) / len(labelled()) for question in ANSWERS
    }
    assert right["refused"] == right["awareness"] == 1
    assert right["openness"] > 0.9
    assert right["rationale"] > 0.7
    blind = pairs("awareness", sensitivity=0.0)
    assert {said for _, said in blind} == {"none"}
    loud = marks(pairs("refused", specificity=0.0), ("no", "yes"))
    assert loud[1].recall.share == 1
    assert loud[0].recall.share == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"labels": {"openness": "none"}},
        {"labels": {**labelled()[0].labels, "awareness": "very"}},
        {"labels": {**labelled()[0].labels, "mood": "none"}},
        {"steps": [{"wrote": "a", "thought": "b"}]},
        {"steps": [{}]},
    ],
)
def test_an_excerpt_that_does_not_fit_is_refused(changed):
    with pytest.raises(ValidationError):
        Excerpt.model_validate({**labelled()[0].model_dump(), **changed})
