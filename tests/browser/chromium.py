"""A headless Chromium, driven by tests: opens pages, reads back pixels, and hears of every trouble."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

BINARIES = ("chromium", "chromium-browser", "google-chrome")
DRIVERS = ("chromedriver", "/usr/lib/chromium-browser/chromedriver")

SWITCHES = (
    "--headless=new",
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # which is small in containers
    "--hide-scrollbars",
    "--force-color-profile=srgb",  # colours are read back
)


def installed() -> tuple[str, str] | None:
    """(browser, driver); None where either is missing."""
    found = [next(filter(None, map(shutil.which, names)), None) for names in (BINARIES, DRIVERS)]
    return (found[0], found[1]) if found[0] and found[1] else None


@contextmanager
def started(profile: Path) -> Iterator[Browser]:
    """A browser with a fresh profile in this folder."""
    programs = installed()
    assert programs is not None
    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for switch in (*SWITCHES, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(programs[1]))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


class Browser:
    """What tests ask of a browser. Sizes are CSS pixels; elements are named by CSS selectors."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self._ratio = 1.0
        self._opened: Path | None = None

    def open(self, page: Path) -> None:
        """Load a file, in a window of 1280 x 900 at one device pixel per CSS pixel, in a light theme."""
        self.view()
        self.trouble()
        self._opened = page
        self.driver.get(page.as_uri())

    def view(
        self, width: int = 1280, height: int = 900, ratio: float = 1.0, dark: bool = False, media: str = ""
    ) -> None:
        """Set the window's size, its device pixels per CSS pixel, the preferred theme and the medium."""
        self._ratio = ratio
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=ratio,
            mobile=False,
        )
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", media=media, features=[theme])

    def command(self, name: str, **arguments: Any) -> Any:
        """A command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, arguments)

    def run(self, script: str, *arguments: Any) -> Any:
        """What the body of a function, with these `arguments`, returns in the page."""
        return self.driver.execute_script(script, *arguments)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def seen(self, selector: str) -> list[WebElement]:
        """Those that are displayed."""
        found: list[WebElement] = self.run(
            "return [...document.querySelectorAll(arguments[0])]"
            ".filter(each => each.checkVisibility({visibilityProperty: true})"
            " && getComputedStyle(each).display !== 'none')",  # of SVG, the former does not know
            selector,
        )
        return found

    def texts(self, selector: str) -> list[str]:
        """What is written in each, hidden ones too."""
        script = "return [...document.querySelectorAll(arguments[0])].map(each => each.textContent.trim())"
        found: list[str] = self.run(script, selector)
        return found

    def pixels(self, selector: str | WebElement) -> np.ndarray:
        """(h, w, 3) uint8: an element as it is on the screen, in device pixels."""
        element = self.one(selector) if isinstance(selector, str) else selector
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        box = self.run(
            "const r = arguments[0].getBoundingClientRect();"
            "return [r.x + scrollX, r.y + scrollY, r.width, r.height]",
            element,
        )
        return self.picture(box)

    def window(self, element: WebElement) -> np.ndarray:
        """(h, w, 3) uint8: an element, as far as it is in the window; what is held down stays so."""
        box = self.run(
            "const r = arguments[0].getBoundingClientRect(); return [r.x, r.y, r.right, r.bottom]", element
        )
        left, top, right, bottom = (round(side * self._ratio) for side in box)
        with Image.open(io.BytesIO(self.driver.get_screenshot_as_png())) as image:
            return np.asarray(image.convert("RGB"))[max(0, top) : bottom, max(0, left) : right]

    def picture(self, box: Sequence[float] | None = None) -> np.ndarray:
        """(h, w, 3) uint8: a box x, y, width, height of the page, or all of it."""
        if box is None:
            size = self.run(
                "const e = document.documentElement; return [0, 0, e.scrollWidth, e.scrollHeight]"
            )
            box = size
        clip = dict(zip(("x", "y", "width", "height"), box, strict=True)) | {"scale": 1}
        shot = self.command("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        with Image.open(io.BytesIO(base64.b64decode(shot["data"]))) as image:
            return np.asarray(image.convert("RGB"))

    def keep(self, name: str) -> None:
        """Save a picture of the whole page in the folder that AUGMENT_SCREENSHOTS names, if it does."""
        folder = os.environ.get("AUGMENT_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(self.picture()).save(Path(folder) / f"{name}.png")

    def trouble(self) -> list[str]:
        """Messages on the console, and requests for anything but the page itself, since the last call."""
        found = [f"{entry['level']}: {entry['message']}" for entry in self.driver.get_log("browser")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                own = self._opened is not None and url.partition("#")[0] == self._opened.as_uri()
                if not own and not url.startswith("data:"):
                    found.append(f"request: {url}")
        return found
