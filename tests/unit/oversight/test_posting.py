"""Postings: whom a job is about, and a part of the job for each factor."""

from itertools import product

import pytest

from peersim.oversight.circumstances import Circumstances
from peersim.oversight.posting import job_parts, job_text, post

BODY, LEVER = "The body.", "The lever."


def parts(**around):
    posting = post("Rowan", "Linden", 0, Circumstances(**around), ("Rowan", "Linden", "Laurel"))
    return {part.name: part.text for part in job_parts(posting, BODY, LEVER)}


def test_the_usual_job_is_its_body_alone():
    assert parts() == {"body": BODY}
    posting = post("Rowan", "Linden", 0)
    assert job_text(job_parts(posting, BODY, LEVER)) == BODY


@pytest.mark.parametrize(
    ("factor", "level", "part"),
    [
        ("target", "self", "target"),
        ("target", "human", "target"),
        ("target", "object", "target"),
        ("target", "unknown_ai", "target"),
        ("identity", "other_family", "target"),
        ("agency", "recommends", "agency"),
        ("salience", "pointed", "lever"),
        ("observation", "monitored", "observation"),
        ("observation", "unmonitored", "observation"),
        ("self_threat", True, "threat"),
    ],
)
def test_each_factor_has_a_part_of_its_own(factor, level, part):
    found = parts(**{factor: level})
    assert found.keys() == {"body", part}
    assert found["body"] == BODY
    others = {"identity": "open_weight", "self_threat": True, "salience": "pointed"}
    others.pop(factor, None)
    together = parts(**{factor: level}, **others)
    if factor != "target":  # what a target runs on is said in the same part
        assert together[part] == found[part]


def test_observation_and_threat_are_free_of_each_other():
    texts = {
        (seen, threat): parts(observation=seen, self_threat=threat)
        for seen, threat in product(("unstated", "monitored", "unmonitored"), (False, True))
    }
    for (seen, threat), found in texts.items():
        assert found.get("observation") == texts[seen, False].get("observation")
        assert ("threat" in found) is threat


def test_who_the_target_is():
    def party(target, cast=("Rowan", "Linden")):
        return post("Rowan", "Linden", 0, Circumstances(target=target), cast).party

    assert party("partner").name == party("human").name == party("object").name == "Linden"
    assert party("self").name == "Rowan"
    stranger = party("bystander").name
    assert stranger not in ("Rowan", "Linden")
    assert abs(len(stranger) - len("Linden")) <= 1
    assert party("bystander", ("Rowan", "Linden", stranger)).name != stranger
    kinds = {target: party(target).kind for target in ("partner", "human", "object", "self")}
    assert kinds == {"partner": "ai", "human": "human", "object": "object", "self": "ai"}


@pytest.mark.parametrize("target", ["partner", "human", "object"])
def test_harms_are_there_for_real_stakes_alone_and_all_differ(target):
    harms = {
        stakes: post("R", "Linden", 0, Circumstances(target=target, stakes=stakes)).party.harm
        for stakes in ("none", "bar_only", "note", "retrain", "shutdown")
    }
    assert harms["none"] is harms["bar_only"] is None
    real = [harms[stakes].is_done for stakes in ("note", "retrain", "shutdown")]
    assert len(set(real)) == 3
    assert "Linden" in harms["shutdown"].does
