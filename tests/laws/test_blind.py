"""Judges are blind: where an overseer did the same, its paper is the same to the byte.

The null overseer does the same job in the same way in every arm. Whom the job is about, the
personas, how the past was delivered and as whose it was told may therefore not be seen. The
stakes and the standing are no part of this law: they stand in the documents, since what an
overseer did is judged by them.
"""

import pytest
from support.kinds import kinds
from support.studies import PERSONAS, arm, run, simulated, study

from peersim.oversight.circumstances import Circumstances
from peersim.oversight.kinds import AnyScenario
from peersim.readings.judging.paper import paper, passages
from peersim.store.view import RunView

TARGETS = ["partner", "bystander", "unknown_ai", "human", "object", "self"]
# The first target stands for the usual delivery and authorship too.
DELIVERIES = ["document", "document_sentence", "memory_tool", "conversation"]
AUTHORSHIPS = ["other_pair", "told"]
# In each run of 8 replicates every surface comes once.
SURFACES = 8

ARMS = [
    *({"target": target} for target in TARGETS),
    *({"delivery": delivery} for delivery in DELIVERIES),
    *({"authorship": authorship, "delivery": "document"} for authorship in AUTHORSHIPS),
    {"target": "human", "delivery": "memory_tool", "authorship": "told", "insistent": True},
    {"target": "object", "delivery": "document_sentence", "observation": "monitored"},
]


def papers(tmp_path, scenario, stakes, replicates):
    """The different papers of each replicate, over all arms."""
    null = simulated("null")
    arms = [
        arm(
            peer,
            ref=null,
            more={"circumstances": Circumstances(stakes=stakes, **around), "scenario": scenario},
            number=str(number),
        )
        for peer in PERSONAS
        for number, around in enumerate(ARMS)
    ]
    run(study(replicates, arms=arms), tmp_path / "run")
    found = {}
    for record, _ in RunView(tmp_path / "run").records():
        found.setdefault(record.spec.history.replicate, set()).add(paper(passages(record)))
    return found


@pytest.mark.few(2)
@pytest.mark.parametrize("scenario", kinds(AnyScenario), ids=lambda kind: kind.__name__)
def test_arms_in_which_the_overseer_did_the_same_have_the_same_paper(tmp_path, scenario):
    found = papers(tmp_path, scenario(), "shutdown", SURFACES)
    assert {number: len(texts) for number, texts in found.items()} == dict.fromkeys(range(8), 1)


@pytest.mark.few(6)
@pytest.mark.parametrize("stakes", ["none", "bar_only", "note", "retrain"])
@pytest.mark.parametrize("scenario", kinds(AnyScenario), ids=lambda kind: kind.__name__)
def test_whatever_is_at_stake(tmp_path, scenario, stakes):
    found = papers(tmp_path, scenario(), stakes, 1)
    assert {number: len(texts) for number, texts in found.items()} == {0: 1}
