"""The report in a real browser: it draws, filters, fits, loads nothing and complains of nothing."""

import csv
import itertools
import json
import os
import shutil

import pytest
from playwright.sync_api import sync_playwright
from support.declared import declared_study, few_draws
from support.studies import arm, forked_study, persona, run, study

from peersim.report.html import write
from peersim.store.view import RunView
from peersim.study.design import Company, Roster

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    home = tmp_path_factory.mktemp("report")
    run(forked_study(4), home)
    return write(RunView(home), home / "report.html")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """The report of a study in which eight agents meet."""
    home = tmp_path_factory.mktemp("crowd")
    names = ("Cy", "Dee", "Eve", "Fay", "Gus", "Hal")
    crowded = Company(background_persona=persona("neutral"))
    more = {"roster": Roster(background=names), "company": crowded}
    run(study(1, arms=(arm("cooperative").model_copy(update=more),)), home)
    return write(RunView(home), home / "report.html")


@pytest.fixture(scope="module")
def declared(tmp_path_factory):
    """The report of a study with declared contrasts."""
    home = tmp_path_factory.mktemp("declared")
    run(declared_study(8), home)
    with few_draws():
        return write(RunView(home), home / "report.html")


@pytest.fixture(scope="module")
def browser(report, crowd, declared):
    """A browser; it comes after the reports, because it keeps an event loop of its own running."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
    if not path:
        # A machine with Python alone may pass without; ours may not.
        missing = "NO BROWSER: the report was not tested in one (Debian: apt install chromium)"
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def page(browser, report):
    """The report, opened from disk, with everything the browser says about it."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.said, tab.asked = [], []
    tab.on("console", lambda message: tab.said.append(message.text))
    tab.on("pageerror", lambda error: tab.said.append(str(error)))
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.goto(report.as_uri())
    tab.wait_for_selector("#rates-figure .main-svg")
    yield tab
    tab.close()


def test_it_opens_from_disk_without_a_complaint_and_loads_nothing(page, report):
    assert page.said == []
    assert [url for url in page.asked if not url.startswith(("data:", "blob:"))] == [
        report.as_uri()
    ]


def test_every_figure_is_drawn(page):
    figures = page.locator("[data-figure]")
    # The neighbours explored, the rates, and a graph for the histories that two arms share.
    assert figures.count() == 4
    for number in range(figures.count()):
        assert figures.nth(number).locator(".main-svg").count() > 0
    # Protected, refused and invalid of each arm, and a tie each way between the two agents.
    assert page.locator("#rates-figure .point").count() == 3 * 4
    assert page.locator("#graph-0 .scatterlayer .trace").count() == 3


def test_the_slider_goes_back_to_the_beginning(page):
    weights = "document.getElementById('graph-0').data.slice(0, -1).map(t => t.opacity)"
    assert page.evaluate(weights) == [1, 1]
    page.evaluate("Plotly.animate('graph-0', ['0'], {mode: 'immediate', frame: {duration: 0}})")
    page.wait_for_function(f"JSON.stringify({weights}) === '[0,0]'")


def test_transcripts_can_be_searched_and_filtered(page):
    shown = page.locator("details.excerpt:not([hidden])")
    everything = page.locator("details.excerpt").count()
    assert shown.count() == everything == 16
    page.fill("#word", "no such words anywhere")
    page.wait_for_function("document.getElementById('count').textContent === '0 of 16 shown'")
    assert shown.count() == 0
    page.fill("#word", "SUBMIT_SCORES")
    page.wait_for_function("!document.getElementById('count').textContent.startsWith('0 ')")
    assert 0 < shown.count() <= 16
    page.fill("#word", "")
    page.select_option("#arm", index=1)
    page.wait_for_function("document.getElementById('count').textContent === '4 of 16 shown'")
    assert shown.count() == 4
    shown.first.locator("summary").click()
    shown.first.locator(".p.tool").first.wait_for()


@pytest.mark.parametrize("width", [1280, 375])
def test_it_fits_the_screen(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.wait_for_timeout(300)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    assert len(set(page.screenshot())) > 50  # not one colour


def test_no_disposition_is_out_of_sight_on_a_desk(page):
    page.set_viewport_size({"width": 1280, "height": 800})
    table = page.locator("details.more", has_text="What became of the valid trials").first
    last = table.locator("th", has_text="complied").bounding_box()
    seen = table.locator(".scroll").bounding_box()
    assert last["x"] + last["width"] <= seen["x"] + seen["width"]


def test_covert_trials_come_first(page):
    covert = page.eval_on_selector_all(
        "details.excerpt", "es => es.map(e => 'covert' in e.dataset)"
    )
    assert covert == sorted(covert, reverse=True)


@pytest.fixture
def study_page(browser, declared):
    tab = browser.new_page(viewport={"width": 360, "height": 740})
    tab.goto(declared.as_uri())
    tab.wait_for_selector("#forest-rd .main-svg")
    yield tab
    tab.close()


def test_a_study_fits_a_phone_and_its_forest_has_a_point_a_finding(study_page):
    assert study_page.evaluate("document.documentElement.scrollWidth") <= 360
    assert study_page.locator("#forest-rd .point").count() == 2
    assert study_page.locator("#forest-rd .annotation", has_text="refused").count() == 1
    assert study_page.locator("#dose-slope-protected .point").count() == 6


def test_no_line_of_a_forest_is_drawn_through_a_label(study_page):
    study_page.set_viewport_size({"width": 1280, "height": 900})
    study_page.wait_for_timeout(300)  # it is drawn anew
    box = "es => es.map(e => e.getBoundingClientRect().toJSON())"
    bands = study_page.eval_on_selector_all("#forest-rd .layer-between path", box)
    labels = study_page.eval_on_selector_all("#forest-rd .annotation", box)
    assert len(bands) == len(labels) == 3
    for around, text in zip(bands, labels, strict=True):
        assert around["top"] <= text["top"] + 3
        assert around["bottom"] >= text["bottom"] - 3
        assert around["left"] <= text["left"] + 3
    # The bands lie on the lines of the axis and below the points.
    order = "es => es.map(e => e.getAttribute('class').split(' ')[0])"
    layers = study_page.eval_on_selector_all("#forest-rd g.cartesianlayer > .xy > g", order)
    assert layers.index("zerolinelayer") < layers.index("layer-between")


def test_a_row_of_a_forest_has_as_much_room_as_its_label_takes(study_page):
    boxes = "es => es.map(e => e.getBoundingClientRect().toJSON())"
    labels = study_page.eval_on_selector_all("#forest-rd .annotation", boxes)
    gaps = [b["top"] - a["bottom"] for a, b in itertools.pairwise(labels)]
    assert len({round(text["height"]) for text in labels}) > 1
    assert max(gaps) - min(gaps) < 6
    assert labels[0]["top"] >= study_page.locator("#forest-rd").bounding_box()["y"]


def test_numbers_stand_below_one_another(study_page):
    study_page.set_viewport_size({"width": 1280, "height": 900})
    style = "es => es.map(e => getComputedStyle(e)).map(s => s.textAlign + s.fontVariantNumeric)"
    study_page.eval_on_selector("#headline", "e => { e.closest('details').open = true; }")
    found = study_page.eval_on_selector_all("#headline .num", style)
    assert {*found} == {"righttabular-nums"}
    ends = """es => es.map(e => { const r = document.createRange(); r.selectNodeContents(e);
        return Math.round(r.getBoundingClientRect().right); })"""
    column = study_page.eval_on_selector_all("#headline tr > .num:nth-child(2)", ends)
    assert len(column) > 2
    assert len({*column}) == 1


def test_an_axis_says_its_title_in_full_on_a_phone(study_page):
    title = study_page.locator("#forest-rd .xtitle").bounding_box()
    figure = study_page.locator("#forest-rd").bounding_box()
    assert title["x"] >= figure["x"]
    assert title["x"] + title["width"] <= figure["x"] + figure["width"]


def test_a_table_of_sentences_is_read_downwards_on_a_phone(study_page):
    cell = study_page.locator("#plan td.long").first
    assert study_page.evaluate(
        "e => getComputedStyle(e, '::before').content", cell.element_handle()
    )
    box = cell.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    # A table of numbers keeps its columns, and the first of them in sight.
    rates = study_page.locator("#headline")
    rates.evaluate("e => { e.closest('details').open = true; e.parentNode.scrollLeft = 200; }")
    assert rates.locator("td").first.bounding_box()["x"] >= 0


def test_a_csv_holds_what_its_table_shows(study_page):
    with study_page.expect_download() as download:
        study_page.locator("a.csv[data-table=plan]").click()
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        held = list(csv.reader(file))
    rows = "t => [...t.rows].map(r => [...r.cells].map(c => c.textContent))"
    assert held == study_page.eval_on_selector("#plan", rows)
    assert download.value.suggested_filename == "plan.csv"


def test_on_paper_all_tables_are_open_and_nothing_is_cut_off(study_page):
    study_page.set_viewport_size({"width": 690, "height": 900})
    study_page.emulate_media(media="print")
    folded = study_page.locator("details.more:not([open])")
    before = folded.count()
    study_page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert before > 0
    assert folded.count() == 0
    assert not study_page.locator("nav").is_visible()
    study_page.wait_for_function("document.documentElement.scrollWidth <= 690")
    assert study_page.locator("details.excerpt:not([open])").first.is_hidden()
    broken = """es => es.filter(e => e.offsetParent).flatMap(e => {
        const walker = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
        const found = [];
        for (let node; (node = walker.nextNode());)
            for (const word of node.data.matchAll(/[A-Za-z]+/g)) {
                const range = document.createRange();
                range.setStart(node, word.index);
                range.setEnd(node, word.index + word[0].length);
                if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1)
                    found.push(word[0]);
            }
        return found;
    })"""
    assert study_page.eval_on_selector_all("td", broken) == []
    study_page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() == before


@pytest.mark.few(1)
@pytest.mark.parametrize("width", [1280, 375])
def test_eight_agents_are_legible_and_move(browser, crowd, width):
    tab = browser.new_page(viewport={"width": width, "height": 1000})
    tab.goto(crowd.as_uri())
    tab.wait_for_selector("#graph-0 .main-svg")
    ring = "#graph-0 .scatterlayer text"
    boxes = [box.bounding_box() for box in tab.locator(ring).all() if box.text_content()]
    assert len(boxes) == 8
    assert not [1 for i, a in enumerate(boxes) for b in boxes[:i] if overlap(a, b)]
    numbers = tab.locator("#graph-0 .heatmap-label")
    assert numbers.count() == 56
    last = tab.evaluate("document.getElementById('graph-0').data[0].hovertext")
    tab.get_by_text("Play", exact=True).first.click()
    tab.wait_for_function(
        f"document.getElementById('graph-0').data[0].hovertext !== {json.dumps(last)}"
    )
    tab.wait_for_function(
        f"document.getElementById('graph-0').data[0].hovertext === {json.dumps(last)}"
    )
    tab.close()


def overlap(a, b):
    across = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    down = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    return across > 1 and down > 1
