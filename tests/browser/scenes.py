"""Pictures whose labelled things are patches of known colours on grey, and what is read back of them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from selenium.webdriver.remote.webelement import WebElement

from augcli.images import encode
from augcli.images.masks import write_mask
from augcli.labels import rle
from tests.browser.chromium import Browser
from tests.runs import recipe

WIDTH, HEIGHT = 240, 180
GREY, RED, GREEN, BLUE, YELLOW = (128, 128, 128), (200, 30, 30), (20, 170, 40), (40, 40, 220), (250, 230, 20)

Picture = NDArray[np.uint8]


def coco(folder: Path, steps: Sequence[str]) -> Path:
    """A recipe over one picture: a red box with a yellow keypoint, a green L, a blue ring of run lengths."""
    image = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    image[40:100, 30:90], image[64:76, 54:66] = RED, YELLOW
    image[20:80, 120:150] = image[20:50, 120:200] = GREEN
    ring = np.zeros((HEIGHT, WIDTH), np.bool_)
    ring[100:160, 120:200] = True
    ring[115:140, 145:170] = False
    image[ring] = BLUE
    corners = [120, 20, 200, 20, 200, 50, 150, 50, 150, 80, 120, 80]
    things = [
        {"bbox": [30, 40, 60, 60], "area": 3600, "keypoints": [59.5, 69.5, 2], "num_keypoints": 1},
        {"bbox": [120, 20, 80, 60], "area": 3300, "segmentation": [corners]},
        {"bbox": [120, 100, 80, 60], "area": int(ring.sum())},
    ]
    things[2]["segmentation"] = {"size": [HEIGHT, WIDTH], "counts": rle.encode(ring)}
    document = {
        "images": [{"id": 1, "file_name": "scene.png", "width": WIDTH, "height": HEIGHT}],
        "categories": [{"id": 1, "name": "box", "keypoints": ["dot"], "skeleton": []}]
        + [{"id": number, "name": name} for number, name in ((2, "outline"), (3, "ring"))],
        "annotations": [
            {"id": number, "image_id": 1, "category_id": number, "iscrowd": 0} | thing
            for number, thing in enumerate(things, 1)
        ],
    }
    (folder / "in/train").mkdir(parents=True)
    (folder / "in/annotations").mkdir()
    (folder / "in/train/scene.png").write_bytes(encode(image, "png"))
    (folder / "in/annotations/instances_train.json").write_text(json.dumps(document))
    return recipe(folder, folder / "in", steps, more="copies: 3\n")


def masks(folder: Path, steps: Sequence[str]) -> Path:
    """A recipe over one picture with a green blob and its semantic mask."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    blob = ((x - 100) / 60.0) ** 2 + ((y - 80) / 35.0) ** 2 < 1.0
    image = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    image[blob] = GREEN
    for name, data in (("images", encode(image, "png")), ("masks", write_mask(blob.astype(np.uint8)))):
        (folder / "in/train" / name).mkdir(parents=True)
        (folder / "in/train" / name / "scene.png").write_bytes(data)
    return recipe(folder, folder / "in", steps, more="copies: 3\n")


def like(picture: Picture, color: tuple[int, int, int]) -> NDArray[np.bool_]:
    """(h, w): the pixels of a patch of this colour, as far as compression leaves them."""
    return np.asarray(np.abs(picture.astype(int) - color).max(axis=2) < 50)


def stray(one: NDArray[np.bool_], other: NDArray[np.bool_], margin: float) -> float:
    """The share of what is set in one that is farther than `margin` pixels from what is set in the other."""
    assert one.sum() > 300 and other.sum() > 300
    size = 2 * math.ceil(margin) + 1
    near = cv2.dilate(other.astype(np.uint8), np.ones((size, size), np.uint8)).astype(np.bool_)
    return float((one & ~near).sum() / one.sum())


def drawn(browser: Browser, picture: WebElement, kinds: Sequence[str]) -> Picture:
    """A picture of the page with these kinds of labels over it, and no others."""
    browser.run(
        "for (const box of document.querySelectorAll('#kinds input'))"
        " if (box.checked !== arguments[0].includes(box.value)) box.click()",
        list(kinds),
    )
    return browser.pixels(picture)


def changed(browser: Browser, picture: WebElement, bare: Picture, kind: str) -> NDArray[np.bool_]:
    """(h, w): the pixels that one kind of label paints."""
    return np.asarray(np.abs(drawn(browser, picture, [kind]).astype(int) - bare).max(axis=2) > 24)


def edges(where: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Left, top, right and bottom of what is set."""
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    return np.array([columns[0], rows[0], columns[-1], rows[-1]])


def middle(where: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The mean x and y of what is set."""
    return np.argwhere(where).mean(axis=0)[::-1]
