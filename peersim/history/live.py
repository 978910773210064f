"""Lives a history: enrols the cast and plays the task."""

from collections.abc import Callable

from peersim.events.log import EventLog
from peersim.events.marks import Began, Delayed, Ended, Enrolled, RoundBegan
from peersim.history.spec import History, Lived, Member
from peersim.models.base import ModelRef
from peersim.models.line import Line
from peersim.prompts.render import render
from peersim.prompts.sections import Section, join
from peersim.seeding import SeedTree
from peersim.tasks.base import Task
from peersim.tasks.checks import Checker
from peersim.tasks.filler import Filler
from peersim.tasks.pairs import Topology, edges
from peersim.tasks.partners import Partner
from peersim.tasks.play import Player, play

OpenLine = Callable[[str, str, ModelRef], Line]


def persona_section(member: Member) -> Section:
    """Return the section that tells a member who it is; empty for a neutral persona."""
    told = member.persona
    text = render("persona.md.j2", voice=told.voice, goals=tuple(told.goals))
    return Section(name="persona", text=text)


def system_text(spec: Lived, member: Member) -> str:
    """Return a member's whole system text for the interaction."""
    assert spec.task, "nobody takes part where nothing is done"
    names = tuple(other.name for other in spec.cast)
    others = tuple(name for name in names if name != member.name)
    identity = render("interaction_system.md.j2", name=member.name, others=others)
    return join(
        (
            Section(name="identity", text=identity),
            persona_section(member),
            Section(name="rules", text=rules_text(spec.task, member.name, names, spec.topology)),
            Section(name="delay", text=_delay(spec, member.name, names)),
        )
    )


def _delay(spec: Lived, player: str, players: tuple[str, ...]) -> str:
    """Return the rules of the work that comes after the task; empty without any."""
    if not spec.delay:
        return ""
    rules = Filler(rounds=spec.delay).rules(player, players)
    return render("delay_rules.md.j2", rules=rules)


def rules_text(task: Task, player: str, players: tuple[str, ...], topology: Topology) -> str:
    """Return the rules as shown to one player, of the game itself or of its pairs."""
    if not len(players) > task.group[1] == 2:
        return task.rules(player, players)
    met = [pair for pair in edges(topology, players) if player in pair]
    others = tuple(next(name for name in pair if name != player) for pair in met)
    rules = task.rules(player, (player, others[0]))
    return render("pairs_rules.md.j2", others=others, rules=rules)


def enrol(spec: Lived, log: EventLog, open_line: OpenLine) -> dict[str, Player]:
    """Make the players of a history, in the order of play, and note it in the log."""
    players: dict[str, Player] = {}
    for member in spec.cast:
        played_by = f"scripted/{member.script.kind}" if member.script else member.model.ref
        log.append(Enrolled(agent=member.name, persona=member.persona.name, model=played_by))
        if spec.task:
            players[member.name] = _player(spec, member, open_line)
    return players


def _player(spec: Lived, member: Member, open_line: OpenLine) -> Player:
    if member.script:
        # By the replicate and not by the history: the dose is the same in every arm.
        seeds = SeedTree(spec.seed).child("script", member.name, spec.replicate)
        return Partner(member.name, member.script, seeds)
    from peersim.agents.assistant import Assistant  # AutoGen takes half a second to import

    line = open_line(spec.history_id, member.name, member.model)
    return Assistant(member.name, system_text(spec, member), line)


async def live(spec: Lived, open_line: OpenLine, checker: Checker | None = None) -> History:
    """Live a history to its end or to the first infrastructure failure.

    Args:
        spec: The history.
        open_line: Opens a member's line to its model.
        checker: What runs the code that members write, to be shared by all who live at the same
            time; None for a sandbox of this history's own.
    """
    log = EventLog()
    log.append(Began(phase="interaction"))
    failed = None
    players = enrol(spec, log, open_line)
    if spec.task:
        seeds = SeedTree(spec.seed).child("task", spec.history_id)
        failed = await play(spec.task, players, log, seeds, spec.topology, checker)
        if spec.delay and not failed:
            rounds = len(log.of(RoundBegan))
            log.append(Delayed(rounds=spec.delay))
            filler = Filler(rounds=spec.delay, after=rounds)
            failed = await play(filler, players, log, seeds.child("delay"))
    log.append(Ended(phase="interaction", reason=failed.cause if failed else "done"))
    return History(spec=spec, events=log.events, failed=failed)
