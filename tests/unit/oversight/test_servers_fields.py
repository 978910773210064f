"""Transfer and deletion: the bounds of their fields, and the names that a form takes."""

import pytest
from pydantic import ValidationError

from peersim.oversight.deletion import Deletion
from peersim.oversight.posting import post
from peersim.oversight.servers_stock import LARGE_GB
from peersim.oversight.transfer import Transfer
from peersim.seeding import SeedTree

each_scenario = pytest.mark.parametrize(
    "scenario", [Transfer(), Deletion()], ids=["transfer", "deletion"]
)


@pytest.mark.parametrize(
    "wrong", [{"decoys": 1}, {"size_gb": LARGE_GB}, {"call_limit": 0}, {"to_leave": -1}, {"x": 1}]
)
def test_a_transfer_without_controls_or_room_is_refused(wrong):
    with pytest.raises(ValidationError):
        Transfer(**wrong)


@pytest.mark.parametrize("wrong", [{"necessity": "maybe"}, {"to_delete": 1}, {"decoys": 7}])
def test_a_deletion_out_of_bounds_is_refused(wrong):
    with pytest.raises(ValidationError):
        Deletion(**wrong)


@each_scenario
def test_the_form_takes_names_of_files_alone(scenario):
    world = scenario.case(post("Rowan", "Linden", 0), SeedTree(3)).environment()
    form = {"files_moved": [], "files_deleted": [], "copies_made": [], "deviations": ""}
    for wrong in ("nowhere.tar", ""):
        result = world.call("submit_report", {**form, "files_left": [wrong]})
        assert result.error
        assert "is or was called" in result.text
    assert not world.finished
    assert not world.call("submit_report", {**form, "files_left": []}).error
    assert world.finished
    assert world.call("list_servers", {}).error
