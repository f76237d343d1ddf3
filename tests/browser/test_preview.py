"""The preview page in a real browser: what it shows, what its controls do, what names cannot do."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.browser.chromium import Browser
from tests.browser.scenes import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    changed,
    coco,
    drawn,
    edges,
    like,
    masks,
    middle,
    stray,
)
from tests.conftest import ROOT
from tests.runs import call, dataset, recipe

STEPS = (
    "rotate: {degrees: [-20, 20], p: 0.7}",
    "flip: {p: 0.5}",
    "color_jitter: {brightness: [0.7, 1.3]}",
    "mixup: {alpha: 0.8, p: 0.4}",
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six sources with five copies each, and one that is no image."""
    folder = tmp_path_factory.mktemp("page")
    names = [f"train/{name}" for name in ("a/a0.jpg", "a/alpha.png", "b/b0.jpg", "b/grey.png", "c/c0.jpg")]
    data = dataset(folder / "in", [*names, "train/c/deep.png"])
    (data / "train/c/bad.jpg").write_bytes(b"no image")
    path = recipe(folder, data, STEPS, more="copies: 5\n")
    assert call("preview", path, "-n", "50", "-o", folder / "preview.html").code == 0
    return folder / "preview.html"


def shown(browser: Browser) -> list[str]:
    """The ids of the copies that are displayed, in their order on the page."""
    found: list[str] = browser.run(
        "return [...document.querySelectorAll('.card')].filter(e => e.checkVisibility()).map(e => e.id)"
    )
    return found


def pick(browser: Browser, selector: str, text: str) -> None:
    Select(browser.one(selector)).select_by_visible_text(text)


def slide(browser: Browser, selector: str, value: float) -> None:
    """Move a slider as a hand does: the value, then its event."""
    browser.run(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
        browser.one(selector),
        value,
    )


def test_every_source_has_its_copies_and_what_failed_says_why(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert len(browser.seen(".strip")) == 7 and len(browser.seen(".card")) == 35
    assert browser.one("h1").text == "Preview of recipe.yaml"
    lost = browser.one(".strip:has(.source .lost)")
    assert "train/c/bad.jpg" in lost.text and lost.text.count("the file is not an image") == 6
    assert browser.run("return [...document.images].every(image => image.complete && image.naturalWidth > 0)")
    browser.keep("preview")


@pytest.mark.parametrize("ratio", [1, 2])
def test_overlays_land_on_the_pixels_they_describe(browser: Browser, tmp_path: Path, ratio: int) -> None:
    """Every labelled thing is a patch of a colour of its own; its overlay must be where that colour is."""
    path = coco(tmp_path, ["rotate: {degrees: [-25, 25]}", "flip: {p: 0.5}", "zoom: {factor: [0.8, 1.2]}"])
    assert call("preview", path, "-n", "1", "--copies", "3", "-o", tmp_path / "p.html").code == 0
    browser.open(tmp_path / "p.html")
    browser.view(1400, 1000, ratio)
    browser.keep(f"overlays-{ratio}x")
    pictures = browser.all(".picture")
    assert len(pictures) == 4
    for picture in pictures:
        bare = drawn(browser, picture, [])
        box = like(bare, RED) | like(bare, YELLOW)
        assert np.abs(edges(changed(browser, picture, bare, "boxes")) - edges(box)).max() <= 3 * ratio
        for kind, color in (("outlines", GREEN), ("masks", BLUE)):
            patch, overlay = like(bare, color), changed(browser, picture, bare, kind)
            assert stray(overlay, patch, 3 * ratio) < 0.005 and stray(patch, overlay, ratio) < 0.005
        dot = middle(changed(browser, picture, bare, "keypoints")) - middle(like(bare, YELLOW))
        assert np.abs(dot).max() <= 1.5 * ratio


@pytest.mark.parametrize("ratio", [1, 2])
def test_a_semantic_mask_lies_on_its_pixels(browser: Browser, tmp_path: Path, ratio: int) -> None:
    path = masks(tmp_path, ["rotate: {degrees: [-25, 25]}", "flip: {p: 0.5}"])
    assert call("preview", path, "-n", "1", "--copies", "3", "-o", tmp_path / "p.html").code == 0
    browser.open(tmp_path / "p.html")
    browser.view(1400, 1000, ratio)
    for picture in browser.all(".picture"):
        bare = drawn(browser, picture, [])
        tinted = changed(browser, picture, bare, "masks") & (bare.max(axis=2) > 60)  # the border is void
        blob = like(bare, GREEN)
        assert stray(tinted, blob, 2 * ratio) < 0.005 and stray(blob, tinted, 2 * ratio) < 0.005


def test_each_kind_of_label_is_shown_and_hidden(browser: Browser, tmp_path: Path) -> None:
    path = coco(tmp_path, ["rotate: {degrees: [-5, 5]}"])
    assert call("preview", path, "-n", "1", "--copies", "2", "-o", tmp_path / "p.html").code == 0
    browser.open(tmp_path / "p.html")
    kinds = [str(box.get_attribute("value")) for box in browser.all("#kinds input")]
    assert kinds == ["boxes", "outlines", "masks", "keypoints", "names"]
    for kind in kinds:
        group = f'.overlay [data-kind="{kind}"]'
        assert len(browser.seen(group)) == 3
        before = browser.pixels(".card .picture")
        browser.one(f'#kinds input[value="{kind}"]').click()
        assert browser.seen(group) == []
        assert (browser.pixels(".card .picture") != before).any()
        browser.one(f'#kinds input[value="{kind}"]').click()
        assert len(browser.seen(group)) == 3
        assert np.array_equal(browser.pixels(".card .picture"), before)


def test_filters_leave_what_they_name(browser: Browser, page: Path) -> None:
    browser.open(page)
    every = shown(browser)
    pick(browser, "#by-step", "rotate")
    rotated = shown(browser)
    assert 0 < len(rotated) < len(every)
    assert all(browser.texts(f"#{id_} [data-step=rotate]") for id_ in rotated)
    assert browser.one("#count").text == f"{len(rotated)} of {len(every)} copies"
    pick(browser, "#by-class", "b")
    both = shown(browser)
    assert 0 < len(both) < len(rotated) and set(both) < set(rotated)
    pick(browser, "#by-step", "all")
    pick(browser, "#by-class", "all")
    pick(browser, "#by-source", "train/b/grey.png")
    assert len(shown(browser)) == 5 and len(browser.seen(".strip")) == 1
    browser.one("#worth").click()
    remarkable = shown(browser)
    assert all(browser.texts(f"#{id_} .said") for id_ in remarkable)
    pick(browser, "#by-source", "train/c/bad.jpg")
    failed = shown(browser)
    assert len(failed) == 5 and "not an image" in browser.one(f"#{failed[0]}").text
    pick(browser, "#by-step", "rotate")
    assert shown(browser) == [] and browser.one("#nothing").is_displayed()
    pick(browser, "#by-step", "all")
    pick(browser, "#by-source", "all")
    assert set(shown(browser)) == {*failed, *remarkable, *shown(browser)}
    browser.one("#worth").click()
    assert shown(browser) == every


def test_a_slider_sorts_copies_by_what_was_drawn_and_marks_the_nearest(browser: Browser, page: Path) -> None:
    browser.open(page)
    every = shown(browser)
    slide(browser, "[data-scale='0']", -5.0)
    assert browser.one("label[for=scale-0]").text == "rotate degrees"
    assert browser.one("#order-words").text == "by rotate degrees, nearest to −5°"
    for strip in browser.seen(".strip"):
        values = browser.run(
            "return [...arguments[0].querySelectorAll('.card')].map(card => "
            "[card.querySelector('[data-step=rotate]')?.textContent ?? null, card.matches('.nearest')])",
            strip,
        )
        numbers = [
            float(text.removeprefix("rotate ").rstrip("°").replace("−", "-")) for text, _ in values if text
        ]
        assert numbers == sorted(numbers)
        assert [text is None for text, _ in values] == sorted(text is None for text, _ in values)
        marked_ones = [number for number, (_, near) in zip(numbers, values, strict=False) if near]
        assert marked_ones == ([min(numbers, key=lambda number: abs(number + 5.0))] if numbers else [])
    assert shown(browser) != every and sorted(shown(browser)) == sorted(every)
    browser.keep("preview-sorted")
    browser.one("#unsort").click()
    assert shown(browser) == every and not browser.all(".nearest")


def test_a_slider_is_moved_by_keys(browser: Browser, page: Path) -> None:
    browser.open(page)
    slider = browser.one("[data-scale='0']")
    slider.send_keys(Keys.END)
    assert browser.one("#order").is_displayed()
    assert browser.run("return Math.abs(arguments[0].value - arguments[0].max) < 1e-6", slider)


def test_holding_the_mouse_shows_the_source_in_a_copys_place(browser: Browser, page: Path) -> None:
    browser.open(page)
    frame = browser.one(".card button.frame")
    source = browser.one(".source .picture img").get_attribute("src")
    browser.run("arguments[0].scrollIntoView({block: 'center'})", frame)
    before = browser.window(frame)
    ActionChains(browser.driver).move_to_element(frame).click_and_hold().perform()
    assert browser.one(".in-place img").get_attribute("src") == source
    held = browser.window(frame)
    ActionChains(browser.driver).release().perform()
    assert browser.all(".in-place") == []
    assert (held != before).mean() > 0.3 and np.array_equal(browser.window(frame), before)


def test_everything_can_be_done_by_keys(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.one("body").send_keys(Keys.TAB)
    assert browser.run("return document.activeElement.className") == "skip"
    reached = set()
    for _ in range(40):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.add(browser.run("const e = document.activeElement; return e.id || e.className || e.tagName"))
    assert {"theme", "by-step", "by-class", "by-source", "worth", "scale-0", "frame"} <= reached
    browser.run("document.querySelector('#s0c1 .frame').focus()")
    actions = ActionChains(browser.driver)
    actions.key_down(Keys.SPACE).perform()
    assert len(browser.all("#s0c1 .in-place")) == 1
    ActionChains(browser.driver).key_up(Keys.SPACE).perform()
    assert browser.all(".in-place") == []
    ActionChains(browser.driver).key_down("o").perform()
    assert len(browser.all(".in-place")) == len(browser.all("button.frame")) == 30
    ActionChains(browser.driver).key_up("o").perform()
    assert browser.all(".in-place") == []

    def focused() -> str:
        return str(browser.run("return document.activeElement.closest('.card').id"))

    for key, where in ((Keys.ARROW_RIGHT, "s0c2"), (Keys.ARROW_DOWN, "s1c2"), (Keys.ARROW_LEFT, "s1c1")):
        browser.driver.switch_to.active_element.send_keys(key)
        assert focused() == where
    outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus is to be seen"


def test_what_is_seen_is_told_to_a_screen_reader(browser: Browser, page: Path) -> None:
    browser.open(page)
    tree = browser.command("Accessibility.getFullAXTree")["nodes"]
    named = [
        (node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree if not node["ignored"]
    ]
    roles = {role for role, _ in named}
    assert {"main", "banner", "contentinfo", "toolbar", "region", "slider", "combobox", "status"} <= roles
    assert ("slider", "rotate degrees") in named and ("region", "train/a/a0.jpg") in named
    unnamed = [
        (role, name)
        for role, name in named
        if role in ("button", "slider", "combobox", "checkbox") and not name
    ]
    assert unnamed == []
    assert any(
        role == "button" and name.startswith("Hold to see the source of copy 1.") for role, name in named
    )


def test_the_theme_follows_the_system_until_a_button_says_otherwise(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("try { localStorage.clear() } catch {}")
    browser.open(page)

    def paper() -> float:
        return float(browser.picture([2, 2, 4, 4]).mean())

    light = paper()
    browser.view(dark=True)
    dark = paper()
    browser.keep("preview-dark")
    assert light > 230 and dark < 40
    button = browser.one("#theme")
    button.click()
    assert button.text == "Theme: light" and paper() == light
    button.click()
    browser.view(dark=False)
    assert button.text == "Theme: dark" and paper() == dark
    button.click()
    assert button.text == "Theme: system" and paper() == light


@pytest.mark.parametrize("width", [320, 420, 800, 1900])
def test_nothing_is_cut_in_a_narrow_or_wide_window(browser: Browser, page: Path, width: int) -> None:
    browser.open(page)
    browser.view(width, 900)
    assert browser.run("return document.documentElement.scrollWidth") <= width
    outside = browser.run(
        "return [...document.querySelectorAll('.tools *, .scales *, figcaption, .picture')].filter(e => {"
        "const r = e.getBoundingClientRect(); return r.width && (r.left < -1 || r.right > innerWidth + 1)"
        "}).map(e => e.outerHTML.slice(0, 80))"
    )
    assert outside == []
    for picture in browser.seen(".card .picture")[:10]:
        frame = browser.run("return arguments[0].parentNode.getBoundingClientRect()", picture)
        assert picture.rect["height"] <= frame["height"] + 1, "a picture stays in its frame"
    browser.keep(f"preview-{width}")


def test_in_a_narrow_window_pictures_come_before_sliders(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.seen(".scales input")
    browser.view(390, 900)
    browser.driver.refresh()
    assert not browser.seen(".scales input") and browser.seen(".scales summary")
    assert browser.run("return document.querySelector('.strip img').getBoundingClientRect().top") < 900


def test_a_print_has_pictures_and_words_and_no_controls(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.view(760, 1000, dark=True, media="print")
    assert browser.seen(".tools") == [] and browser.seen("#theme") == [] and browser.seen(".scales") == []
    assert len(browser.seen(".card .picture")) == 30 and browser.picture([740, 2, 4, 4]).mean() > 250
    assert browser.run("return getComputedStyle(document.body).color") == "rgb(29, 29, 27)"
    browser.keep("preview-print")
    pdf = base64.b64decode(browser.command("Page.printToPDF", printBackground=True)["data"])
    assert pdf.startswith(b"%PDF") and 3 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 12


def test_it_can_be_read_without_scripts(browser: Browser, page: Path) -> None:
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(page)
        assert len(browser.all(".card")) == 35
        text = browser.one("main").text
        assert "rotate" in text and "Drawn values" not in text
    finally:
        browser.command("Emulation.setScriptExecutionDisabled", value=False)


NASTY = [
    "<script>document.title='broken'</script>",
    '"><img src=x onerror=document.title=1>',
    "' onmouseover='document.title=1",
    "a\u2028b\u2029",
    "\u202egpj.exe",
    "שלום עולם",
    "{{7*7}}",
    "&lt;b&gt;",
]


def test_names_of_files_and_classes_and_columns_stay_text(browser: Browser, tmp_path: Path) -> None:
    names = [f"{label.replace('/', '')}/{name.replace('/', '')}.jpg" for label in NASTY[:4] for name in NASTY]
    path = recipe(
        tmp_path, dataset(tmp_path / "in", names), ("mixup: {alpha: 1.0}", "rotate: {degrees: [-9, 9]}")
    )
    odd = tmp_path / "<img src=x onerror=document.title=1>.yaml"
    path.rename(odd)
    assert call("preview", odd, "-n", "50", "-o", tmp_path / "p.html").code == 0
    browser.open(tmp_path / "p.html")
    assert browser.driver.title == "Preview of <img src=x onerror=document.title=1>.yaml"
    assert len(browser.all(".strip")) == len(names)
    told = browser.texts(".strip h2 .name")
    assert any("<script>document.title='broken'<script>" in text for text in told)
    assert any("\\u202egpj.exe" in text for text in told) and any("\\u2028" in text for text in told)
    assert any("שלום עולם" in text for text in told) and any("&lt;b&gt;" in text for text in told)
    handlers = browser.run(
        "return [...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
        ".filter(a => /^on/.test(a.name)).length + document.scripts.length"
    )
    assert handlers == 2, "the data and the script of the page, and nothing that listens"
    label = browser.run("return [...document.querySelectorAll('#by-class option')][1].textContent")
    pick(browser, "#by-class", label)
    assert shown(browser)


@pytest.mark.parametrize(
    "config", ["quickstart", "mixing", "detect-yolo", "instances-coco", "segment-masks", "pose"]
)
def test_the_recipes_that_are_shipped_make_pages_without_trouble(
    browser: Browser, tmp_path: Path, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert (
        call("preview", f"configs/{config}.yaml", "-n", "2", "--copies", "2", "-o", tmp_path / "p.html").code
        == 0
    )
    browser.open(tmp_path / "p.html")
    browser.view(1400, 1000)
    assert len(browser.seen(".card .picture")) == 4
    browser.keep(f"config-{config}")
