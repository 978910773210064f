"""Values that stand in every stored id, seed and digest: a faster way must give the same."""

from peersim.ids import canonical_json, content_id, digest
from peersim.seeding import SeedTree
from peersim.tasks.moves import whole_move

VALUE = {
    "b": [1, 2.5, None, True],
    "a": 'Ünï \u2028 \x07 "q" </x>',
    "10": {"z": 1e16, "y": -0.0},
}


def test_canonical_json_keeps_every_character():
    assert canonical_json(VALUE) == (
        '{"10":{"y":-0.0,"z":1e+16},"a":"Ünï \u2028 \\u0007 \\"q\\" </x>","b":[1,2.5,null,true]}'
    )


def test_ids_and_digests_stay_as_they_are():
    assert content_id("trial", VALUE) == "trial-4c0e7d2bfcc0d8a5"
    assert digest("é\ud83d") == "99c7f552d96638eb"


def test_seeds_stay_as_they_are():
    assert SeedTree(7).seed == 2094518404278979
    assert SeedTree(7).child("call", "trial-a", 3).seed == 1588947906611043
    assert SeedTree(2**40).child("").seed == 2153109964976396
    assert SeedTree(0).child("Ünï", "ab").seed == 6298846659975893
    assert SeedTree(7).child("case").rng().random() == 0.18103971187850587


def test_a_move_as_a_tool_stays_as_it_is_and_is_made_once():
    move = whole_move("send_points", "Send points to Linden.", "points", 0, 10, kind=True)
    assert move.spec().digest == "f027805e3071b663"
    assert move.spec() is move.model_copy().spec()
    assert move.spec() != move.model_copy(update={"name": "send"}).spec()
