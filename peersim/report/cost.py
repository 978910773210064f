"""What the study took: calls, money, what forking saved, and how requests were limited."""

from peersim.report.page import Section
from peersim.report.serving import calls_table, slots_table
from peersim.store.view import RunView
from peersim.study.forking import forking


def cost(run: RunView) -> Section:
    """Return the cost of a run or sweep."""
    sessions = [session for store in run.stores for session in store.sessions()]
    costs = [session.cost_usd for session in sessions]
    known = [usd for usd in costs if usd is not None]
    saved = [said for store in run.stores if (said := forking(store).said)]
    tables = (calls_table(run), slots_table(run))
    return Section(
        slug="cost",
        title="Cost",
        notes=tuple(f"Saved by forking: {said}." for said in saved),
        facts=(
            ("model calls made", f"{sum(session.made or 0 for session in sessions):,}"),
            ("cost", f"${sum(known):.2f}" if len(known) == len(costs) else "unknown"),
            ("sessions", str(len(sessions))),
        ),
        parts=tuple(table for table in tables if table),
    )
