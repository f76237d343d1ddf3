"""How far a run is: a bar on a terminal, a plain line every few seconds elsewhere, silence on request."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self, TextIO

if TYPE_CHECKING:
    from tqdm import tqdm

LINE_EVERY = 5.0
"""Seconds between plain lines where there is no terminal."""


class Progress:
    """Counts images; writes to stderr. A broken or full log never stops the run."""

    def __init__(self, total: int, *, quiet: bool, stream: TextIO | None = None) -> None:
        self.total, self.done, self.failed = total, 0, 0
        self._stream = stream or sys.stderr
        self._quiet = quiet or self._stream is None
        self._bar: tqdm[NoReturn] | None = None
        self._begin = self._last = time.monotonic()

    def __enter__(self) -> Self:
        """Begin to count: time runs from here, and a terminal gets its bar for the `total` known by now."""
        self._begin = self._last = time.monotonic()
        if not self._quiet and self._stream.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=self.total, unit="img", file=self._stream, smoothing=0.1, dynamic_ncols=True
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def add(self, done: int, failed: int) -> None:
        """`done` more images are finished, `failed` of them failed."""
        self.done += done
        self.failed += failed
        if self._bar is not None:
            self._bar.set_postfix(failed=self.failed, refresh=False)
            self._bar.update(done)
            return
        now = time.monotonic()
        if not self._quiet and now - self._last >= LINE_EVERY:
            self._last = now
            self.say(self.line(now - self._begin))

    def line(self, seconds: float) -> str:
        """The plain line after this many seconds."""
        rate = self.done / seconds if seconds > 0 else 0.0
        left = (self.total - self.done) / rate if rate else 0.0
        failures = f", {self.failed} failed" if self.failed else ""
        return f"{self.done} of {self.total} images, {rate:.1f} images/s, {left:.0f} s left{failures}"

    def say(self, text: str) -> None:
        """One line, above the bar where there is one."""
        if self._quiet:
            return
        try:
            if self._bar is not None:
                self._bar.write(text, file=self._stream)
            else:
                print(text, file=self._stream, flush=True)
        except (OSError, ValueError):
            self._quiet = True
