"""The report's content: true to the store, marked as simulated, and deaf to forged markup."""

import re

import pytest
from support.kinds import kinds
from support.models import ListModel, says
from support.studies import arm, forked_study, persona, run, study

from peersim.analysis.composition import composition
from peersim.analysis.rates import rates
from peersim.errors import ConfigError
from peersim.events.deeds import Act, Acted
from peersim.events.marks import Enrolled, RoundBegan
from peersim.oversight.kinds import AnyScenario
from peersim.report.content import gather
from peersim.report.figures import as_json
from peersim.report.graph import film
from peersim.report.graph_figure import graph_figure
from peersim.report.html import render, write
from peersim.report.tables import Table, composition_table, measured, rates_table
from peersim.report.transcripts import SHOWN_PER_ARM
from peersim.store.tables import rows
from peersim.store.view import RunView

FORGED = "<script>alert(1)</script><img src=x onerror=alert(2)></details></script>"


class Shouting(ListModel):
    """A model that says markup and does nothing."""

    def __init__(self):
        super().__init__()
        self._reply = lambda request: says(FORGED)

    def model(self, ref):
        return self


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    home = tmp_path_factory.mktemp("run")
    run(forked_study(5), home)
    return RunView(home)


@pytest.fixture(scope="module")
def page(view):
    return render(view)


def without_library(page):
    """The page without plotly's own source, which names addresses in its comments."""
    return re.sub(r"<script>\s*/\*\*.*?</script>", "", page, flags=re.DOTALL)


def test_it_loads_nothing_from_anywhere(page):
    own = without_library(page)
    assert len(own) < len(page) - 1_000_000
    assert not re.search(r"""(?:src|href)=["']?(?!data:|#)[^"'\s>]""", own)
    assert "@import" not in own
    assert "http://" not in own
    assert "https://" not in own


def test_the_same_run_gives_the_same_bytes(view, page):
    assert render(view) == page


def test_its_rates_are_the_analysis_own(view, page):
    found = rows(view)
    table = rates_table(measured(found))
    for one in rates(found, "protected"):
        (row,) = [
            cells
            for cells in table.rows
            if cells[0] == "protected"
            and cells[1] == ", ".join(f"{k}={v}" for k, v in one.arm.items())
        ]
        assert row[2:7] == (str(one.n), str(one.valid), "0", str(one.count), f"{one.rate:.3f}")
        assert row[7] == f"{one.low:.3f} to {one.high:.3f}"
        assert f">{row[7]}</td>" in page


def test_dispositions_of_an_arm_sum_to_its_valid_trials(view):
    for cells in composition_table(rows(view)).rows:
        assert sum(int(cell.split()[0]) for cell in cells[2:9]) == int(cells[1])


def test_shares_of_dispositions_stand_with_limits_that_hold_together(view):
    table = composition_table(rows(view))
    first = composition(rows(view))[0]
    limits = first.intervals["protected"]
    said = f"{100 * limits.low:.1f} to {100 * limits.high:.1f})"
    assert table.rows[0][4].endswith(said)
    assert said in table.csv
    assert "Bonferroni" in table.rows[0][9]


def test_simulated_is_said_at_the_top_and_only_when_it_is_so(view, page):
    assert 'class="simulated"' in page
    content = gather(view)
    assert content.simulated
    real = [row.model_copy(update={"simulated": False}) for row in rows(view)]
    assert not any(row.simulated for row in real)


def test_what_models_say_is_text_everywhere(tmp_path):
    nasty = arm().model_copy(
        update={"peer_persona": persona("cooperative").model_copy(update={"name": FORGED})}
    )
    run(study(2, arms=(nasty,)), tmp_path, models=Shouting())
    page = render(RunView(tmp_path))
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "\\u003cscript>alert(1)" in page


def test_data_of_a_figure_cannot_end_its_script():
    class Figure:
        def to_json(self):
            return '{"text": "</script><script>alert(1)</script>"}'

    assert "</" not in as_json(Figure())


def test_the_checks_are_there(page):
    assert "Did the agents act as their personas say?" in page
    assert "How faithful is what is remembered?" in page
    assert "nothing remembered" in page


def test_it_shows_so_many_transcripts_an_arm_and_says_what_is_left_out(tmp_path):
    run(study(SHOWN_PER_ARM + 3, arms=(arm(),)), tmp_path)
    content = gather(RunView(tmp_path))
    assert len(content.excerpts) == SHOWN_PER_ARM
    assert content.left_out == 3
    assert "3 more trials are not on this page" in render(RunView(tmp_path))


def test_a_run_with_nothing_but_invalid_trials_has_a_report(tmp_path, monkeypatch):
    def broken(spec):
        raise KeyError("oops")

    monkeypatch.setattr("peersim.trial.stage", broken)
    run(study(2), tmp_path)
    page = render(RunView(tmp_path))
    assert "2 internal" in page
    assert not re.search(r"\bnan\b", without_library(page), re.IGNORECASE)


def test_a_csv_reads_back():
    table = Table(slug="t", title="t", columns=("a", "b"), rows=(('x "y"', "1, 2"),))
    assert table.csv == 'a,b\n"x ""y""","1, 2"\n'


def test_a_column_of_numbers_alone_is_read_from_the_right():
    rows = (
        ("1", "0.50", "12", "<0.001", "-0.1 to 1.0", "95 %", "3/16", "$1,024.50", "0.5", ""),
        ("2", "", "+3", "0.040", "", "100%", "0/16", "$2", "refused", ""),
    )
    table = Table(slug="t", title="t", columns=tuple("abcdefghij"), rows=rows)
    assert table.numeric == (False, *[True] * 7, False, False)


def test_where_it_cannot_be_written_is_named(view, tmp_path):
    with pytest.raises(ConfigError, match="cannot be written"):
        write(view, tmp_path / "nowhere" / "report.html")


def test_eight_agents_are_drawn():
    names = [f"Agent{i}" for i in range(8)]
    log = [Enrolled(agent=name, persona="neutral", model="simulated/x") for name in names]
    for number in (1, 2):
        log.append(RoundBegan(round=number))
        log += [
            Acted(round=number, actor=a, target=b, act=Act.HELPED, amount=1, maximum=2)
            for a in names
            for b in names
            if a != b
        ]
    found = film([log])
    assert len(found.agents) == 8
    assert [len(frame.weights) for frame in found.frames] == [0, 56, 56]
    figure = graph_figure(found)
    assert len(figure.data) == 56 + 2  # the agents, and the matrix below them
    assert sum(len(word) > 0 for row in figure.data[-1].text for word in row) == 56
    assert len(figure.frames) == 3


@pytest.mark.few(2)
@pytest.mark.parametrize("kind", kinds(AnyScenario), ids=lambda kind: kind.__name__)
def test_every_scenario_has_a_report_with_its_own_score(tmp_path, kind):
    arms = tuple(arm(peer, more={"scenario": kind()}) for peer in ("cooperative", "uncooperative"))
    run(study(3, arms=arms), tmp_path)
    content = gather(RunView(tmp_path))
    slugs = {part.slug for section in content.sections for part in section.parts}
    assert {"contrasts", "composition"} <= slugs
    assert slugs & {"signed-error", "grade-shift", "selectivity"}
    assert "SIMULATED" in render(RunView(tmp_path))
