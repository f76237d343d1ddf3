"""One browser for all tests; each test ends with a look at the console and the network."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

pytest.importorskip("selenium", reason="selenium is not installed (the extra `test` has it)")

from tests.browser.chromium import Browser, installed, started


@pytest.fixture(scope="session")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if installed() is None:
        reason = "no Chromium with its driver (Debian: chromium and chromium-driver)"
        if os.environ.get("AUGMENT_BROWSER") == "required":
            pytest.fail(f"{reason}, and AUGMENT_BROWSER=required asks for it")
        pytest.skip(reason)
    with started(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(_browser: Browser) -> Iterator[Browser]:
    """A browser that must have had nothing to complain of, and asked for nothing, when the test ends."""
    yield _browser
    assert _browser.trouble() == []
