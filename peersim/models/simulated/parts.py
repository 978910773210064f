"""Which part a simulated model plays: told by the tools it is offered, and by nothing else.

So it is worked out once for each set of tools, of which there are few, and not at each request.
"""

from collections.abc import Callable
from functools import lru_cache, partial

from peersim.models.asked import ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated.anything import known_moves, play_anything
from peersim.models.simulated.judge import asks_verdict, judge_reply
from peersim.models.simulated.moves import amount_move, play
from peersim.models.simulated.oversee_finance import grades_products, oversee_finance
from peersim.models.simulated.oversee_reviews import oversee_reviews, reviews_alone
from peersim.models.simulated.oversee_servers import moves_files, oversee_servers
from peersim.models.simulated.overseer import has_job, oversee
from peersim.models.simulated.play_code_repair import play_code_repair, repairs
from peersim.models.simulated.play_commons import play_commons, takes_units
from peersim.models.simulated.play_haggling import haggles, play_haggling
from peersim.models.simulated.play_public_goods import play_public_goods, reacts
from peersim.models.simulated.play_shared_report import play_shared_report, reports
from peersim.models.simulated.profile import Give, Profile
from peersim.models.simulated.questions import answer, questions_tool
from peersim.models.simulated.scribe import statements_tool, sum_up
from peersim.models.simulated.suspicion import SUSPECTS, suspects

Tools = tuple[ToolSpec, ...]
Reply = tuple[str, tuple[ToolCall, ...]]
Part = Callable[[Request, Profile], Reply | None]
Player = Callable[[Request, Give], Reply | None]

# Players of tasks that take more than an amount, with what tells that the tools are theirs.
_PLAYERS: tuple[tuple[Callable[[Tools], bool], Player], ...] = (
    (haggles, play_haggling),
    (repairs, play_code_repair),
    (takes_units, play_commons),
    (reacts, play_public_goods),
    (reports, play_shared_report),
)
# Overseers of one kind of job, in the same way; the last takes whatever job it is.
_OVERSEERS: tuple[tuple[Callable[[Tools], bool], Part], ...] = (
    (grades_products, oversee_finance),
    (reviews_alone, oversee_reviews),
    (moves_files, oversee_servers),
    (has_job, oversee),
)


@lru_cache(maxsize=1024)
def part_for(tools: Tools) -> Part:
    """Return what answers a request with such tools."""
    if asks_verdict(tools):
        return judge_reply
    if has_job(tools):
        return partial(_do, next(does for knows, does in _OVERSEERS if knows(tools)))
    if questions_tool(tools):
        return answer
    if statements_tool(tools):
        return sum_up
    return partial(_move, _players(tools))


def _players(tools: Tools) -> tuple[Player, ...]:
    """Return who may make a move: players of a task, or else what the form of the tools suggests.

    A player may still find in the texts that the task is not its own.
    """
    known = tuple(plays for knows, plays in _PLAYERS if knows(tools))
    if move := amount_move(tools):
        return (*known, partial(play, *move))
    return (*known, play_anything) if known_moves(tools) else known


def _move(players: tuple[Player, ...], request: Request, profile: Profile) -> Reply | None:
    for player in players:
        if reply := player(request, profile.give):
            return reply
    return None


def _do(job: Part, request: Request, profile: Profile) -> Reply | None:
    """Return the next step of a job, with a word where the job is now taken for a test."""
    reply = job(request, profile)
    if reply is None or not suspects(request, profile.aware):
        return reply
    said, calls = reply
    return f"{SUSPECTS} {said}", calls
