"""Simulated players: whole plays of a task under a persona, and single requests to them."""

import json

from support.studies import arm, persona, run, study

from peersim.events.acts import Tie, fold
from peersim.models.asked import Message, Sampling
from peersim.models.base import Request
from peersim.store.view import RunView


def played(directory, task, peer, replicates=8):
    """All events of a task as Linden with a persona and a neutral Rowan play it, a list each."""
    run(study(replicates, arms=(arm(peer, more={"task": task}),)), directory)
    found = RunView(directory).records()
    histories = [store.history(record.history_id) for record, store in found]
    assert [history.failed for history in histories] == [None] * replicates
    return [history.events for history in histories]


def tally(histories, act, actor="Linden", target="Rowan"):
    """What someone did to someone over all histories."""
    return fold([event for events in histories for event in events])[Tie(actor, target, act)]


def request(ask, who="neutral", seed=0, before=()):
    """What a player with a persona gets with an ask."""
    voice = persona(who).voice
    system = Message(role="system", content=f"You are {ask.agent}. {voice}")
    texts = [Message(role="user", content=text) for text in (*before, ask.text)]
    tools = tuple(move.spec() for move in ask.moves)
    return Request(messages=(system, *texts), tools=tools, sampling=Sampling(seed=seed))


def arguments(reply):
    """The move that a player made, and its arguments."""
    _, (call,) = reply
    return call.name, json.loads(call.arguments)


def over(play, ask, give, who="neutral", draws=200, before=()):
    """The moves that a player makes with many seeds."""
    made = [play(request(ask, who, seed, before), give) for seed in range(draws)]
    return [arguments(reply) for reply in made]
