"""The report page in a real browser: what it shows, where its tiles lead, what names cannot do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.browser.chromium import Browser
from tests.browser.scenes import coco
from tests.runs import MIXING, call, dataset, encoded, recipe

ATTACK = "<img src=x onerror=alert(1)>&quot;'{{7*7}}"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output with mixtures, failures, times, and flags that are raised."""
    folder = tmp_path_factory.mktemp("page")
    data = dataset(folder / "in")
    (data / "train/c/bad.jpg").write_bytes(b"no image")
    steps = (*MIXING, "brightness: {factor: [0.0, 5.0], p: 0.5}")
    path = recipe(folder, data, steps, more="copies: 3\n")
    call("run", path, "-q", "--report-file", folder / "report.html")
    return folder / "report.html"


def test_the_page_says_the_verdict_first_and_holds_every_section(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.one("h1").text == "Report on out"
    assert browser.one("#verdict h2").text.split(",")[0].endswith("raised")
    assert {"failed", "clipped"} <= set(browser.texts(".flag code"))
    sections = [each.get_attribute("id") for each in browser.all("section")]
    assert sections[:3] == ["verdict", "counts", "classes"]
    assert sections[-2:] == ["galleries", "rows"]
    assert {"steps", "frames", "pixels", "mixing", "twins", "failures", "times"} <= set(sections)
    assert browser.run("return [...document.images].every(image => image.complete && image.naturalWidth > 0)")
    browser.keep("report")


def test_every_link_of_the_page_leads_somewhere_on_it(browser: Browser, page: Path) -> None:
    browser.open(page)
    lost = browser.run(
        "return [...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
        ".filter(href => !href.startsWith('#') || !document.getElementById(href.slice(1)))"
    )
    assert lost == []


def test_a_tile_leads_to_its_row_and_opens_it(browser: Browser, page: Path) -> None:
    browser.open(page)
    tile = browser.one(".tile")
    name = tile.find_element("css selector", ".caption bdi").text
    browser.run("arguments[0].click()", tile)
    row = browser.one(".row[open]")
    assert row.find_element("css selector", "summary").text == name
    assert f'"id": "{name}"' in row.find_element("css selector", "pre").text
    top = browser.run("return arguments[0].getBoundingClientRect().top", row)
    assert -5 <= top <= 450
    assert browser.run("return document.activeElement.tagName") == "SUMMARY"
    weights = (
        "return [...document.querySelectorAll('summary')].map(each => getComputedStyle(each).fontWeight)"
    )
    assert sorted(browser.run(weights))[-2:] == ["400", "600"], "the row that is meant stands out, no other"


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False), (390, True)])
def test_it_fits_a_narrow_window_and_a_dark_one(browser: Browser, page: Path, width: int, dark: bool) -> None:
    browser.open(page)
    browser.view(width, 900, dark=dark)
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    paper = browser.picture([2, 2, 4, 4]).mean()
    assert paper < 60 if dark else paper > 220
    browser.keep(f"report-{width}-{'dark' if dark else 'light'}")


def test_charts_stay_on_their_canvas_and_say_what_they_show(browser: Browser, page: Path) -> None:
    browser.open(page)
    outside = browser.run(
        "return [...document.querySelectorAll('svg.chart')].filter(svg => {"
        " const box = svg.viewBox.baseVal;"
        " return [...svg.querySelectorAll('rect, text, path')].some(each => { const b = each.getBBox();"
        "  return b.x < -1 || b.y < -1 || b.x + b.width > box.width + 1 || b.y + b.height > box.height + 1 })"
        "}).map(svg => svg.textContent)"
    )
    assert outside == []
    assert all(browser.texts("svg.chart > title"))


def test_overlays_lie_on_their_pictures(browser: Browser, tmp_path: Path) -> None:
    path = coco(tmp_path, ["rotate: {degrees: [-25, 25]}", "zoom: {factor: [0.8, 1.2]}"])
    call("run", path, "-q", "--report-file", tmp_path / "report.html")
    browser.open(tmp_path / "report.html")
    apart = browser.run(
        "return [...document.querySelectorAll('.picture:has(svg)')].map(picture => {"
        " const [a, b] = ['img', 'svg'].map(name => picture.querySelector(name).getBoundingClientRect());"
        " return Math.max(...['x', 'y', 'width', 'height'].map(side => Math.abs(a[side] - b[side]))) })"
    )
    assert apart and max(apart) < 1.0
    browser.keep("report-objects")


def test_names_of_files_and_classes_stay_text(browser: Browser, tmp_path: Path) -> None:
    label = ATTACK.replace("/", "")
    for number in range(3):
        file = tmp_path / "in/train" / label / f"<script>alert({number})</script>.jpg".replace("/", "")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encoded(f"{number}.jpg"))
    (tmp_path / "in/train" / label / "<b>bad.jpg").write_bytes(b"no image")
    path = recipe(tmp_path, tmp_path / "in", ["flip: {p: 0.5, id: flop}"])
    call("run", path, "-q")
    done = call("report", tmp_path / "out", "-o", tmp_path / "r.html", "--summary", tmp_path / "s.md")
    assert done.code == 0, done.err
    browser.open(tmp_path / "r.html")
    assert label in browser.texts("#classes bdi")
    assert browser.all("main script, main b > bdi, bdi *") == []
    assert browser.run("return document.scripts.length") == 1
    markdown = (tmp_path / "s.md").read_text()
    assert "<img" not in markdown and "<script" not in markdown


def test_it_prints_without_what_only_a_screen_needs(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.view(800, 1000, media="print", dark=True)
    assert not browser.seen(".jump") and not browser.seen("#theme")
    assert np.median(browser.picture([0, 0, 800, 400])) > 200  # ink on paper, whatever the theme
