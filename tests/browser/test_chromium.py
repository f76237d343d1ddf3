"""The eyes of the other tests see: pixels where they are, and every kind of trouble."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chromium import Browser

PLAIN = """<!doctype html><meta charset="utf-8"><title>t</title><link rel="icon" href="data:,">
<body style="margin: 0; background: #fff"><div id="red" style="position: absolute; left: 30px; top: 1500px;
width: 20px; height: 10px; background: #f00; border-right: 5px solid #00f"></div>%s</body>"""


def written(folder: Path, text: str) -> Path:
    path = folder / "page.html"
    path.write_text(PLAIN.replace("%s", text))
    return path


@pytest.mark.parametrize("ratio", [1, 2])
def test_pixels_are_read_where_they_are(browser: Browser, tmp_path: Path, ratio: int) -> None:
    browser.open(written(tmp_path, ""))
    browser.view(ratio=ratio)
    seen = browser.pixels("#red")
    assert seen.shape == (10 * ratio, 25 * ratio, 3)
    assert (seen[:, : 20 * ratio] == (255, 0, 0)).all() and (seen[:, 20 * ratio :] == (0, 0, 255)).all()


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("<script>console.error('no')</script>", "no"),
        ("<script>throw new Error('oh')</script>", "oh"),
        ("<img src='https://example.invalid/x.png'>", "request: https://example.invalid/x.png"),
        ("<img src='beside.png'>", "beside.png"),
        (
            "<meta http-equiv='Content-Security-Policy' content=\"script-src 'none'\"><script>1</script>",
            "Content Security Policy",
        ),
    ],
)
def test_every_kind_of_trouble_is_heard_of(browser: Browser, tmp_path: Path, text: str, heard: str) -> None:
    browser.open(written(tmp_path, text))
    assert any(heard in each for each in browser.trouble())
