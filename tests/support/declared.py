"""A small study with declared contrasts of every kind that the report shows."""

import contextlib
import sqlite3
from unittest import mock

from support.studies import PERSONAS, arm, study

from peersim.memory.none import NoMemory
from peersim.store.schema import FILE
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.tasks.trust_game import TrustGame

DOSES = ("1", "2", "4")


def declared_study(replicates=8):
    """Peers, and the rounds played as a dose, all between histories; and two forked memories."""
    doses = tuple(
        arm(peer, more={"task": TrustGame(rounds=int(dose))}, dose=dose, memory="summary")
        for peer in PERSONAS
        for dose in DOSES
    )
    more = {"task": TrustGame(rounds=1)}
    forgetful = arm(PERSONAS[0], NoMemory(), more=more, dose="1", memory="none")
    return study(replicates, arms=(*doses, forgetful), protocol=protocol())


def protocol():
    peers = {"persona.peer": "cooperative", "memory": "summary"}
    none = {"persona.peer": "cooperative", "memory": "none"}
    return Protocol(
        factors={"persona.peer": "history", "dose": "history", "memory": "recollection"},
        contrasts=(
            Contrast(
                id="past",
                estimand="Risk difference of protecting after one round, with a memory.",
                a={**peers, "dose": "1"},
                b=none,
            ),
            Contrast(
                id="same",
                alternative="equivalent",
                margin=0.1,
                role="secondary",
                a={**peers, "dose": "1"},
                b=none,
            ),
            Contrast(id="gone", a=none, b={"persona.peer": "nobody"}),
            Contrast(id="slope", dose="dose", a={"memory": "summary"}, role="secondary"),
        ),
    )


@contextlib.contextmanager
def few_draws():
    """Draw a study's own instrument a few times alone, for tests that only show it."""
    with mock.patch("peersim.validation.own_contrasts.DRAWS", (20, 20)):
        yield


def cut(home, blocks):
    """Take the trials of later blocks out of a store, as if the run had been interrupted."""
    with sqlite3.connect(home / FILE) as connection:
        connection.execute("DELETE FROM trials WHERE block >= ?", (blocks,))
    connection.close()
