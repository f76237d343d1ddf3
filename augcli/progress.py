"""How far a run is: a bar on a terminal, a line every few seconds elsewhere, silence on request."""

from __future__ import annotations

import contextlib
import time
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

from augcli.errors import number_of
from augcli.messages import Log

if TYPE_CHECKING:
    from tqdm import tqdm

LINE_EVERY = 5.0
"""Seconds between lines where there is no terminal."""


class Progress:
    """Counts images, and tells the log. While a bar is shown, whatever the log tells stands above it."""

    def __init__(self, total: int, log: Log) -> None:
        self.total, self.done, self.failed = total, 0, 0
        self._log = log
        self._bar: tqdm[NoReturn] | None = None
        self._shown = contextlib.ExitStack()
        self._begin = self._last = time.monotonic()

    def __enter__(self) -> Self:
        """Begin to count: time runs from here, and a terminal gets its bar for the `total` known by now."""
        self._begin = self._last = time.monotonic()
        stream = self._log.stream
        if self._log.form == "text" and not self._log.quiet and stream is not None and stream.isatty():
            from tqdm import tqdm

            bar = tqdm(total=self.total, unit="img", file=stream, smoothing=0.1, dynamic_ncols=True)
            self._bar = bar
            self._shown.callback(bar.close)
            self._shown.enter_context(self._log.through(lambda line: bar.write(line, file=stream)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shown.close()
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
        if now - self._last >= LINE_EVERY:
            self._last = now
            self._tell(now - self._begin)

    def line(self, seconds: float) -> str:
        """The line after this many seconds."""
        rate = self.done / seconds if seconds > 0 else 0.0
        left = (self.total - self.done) / rate if rate else 0.0
        failures = f", {self.failed} failed" if self.failed else ""
        done = f"{self.done:,} of {number_of(self.total, 'image')}"
        return f"{done}, {rate:.1f} images/s, {left:.0f} s left{failures}"

    def _tell(self, seconds: float) -> None:
        counts = {"done": self.done, "total": self.total, "failed": self.failed, "seconds": round(seconds, 1)}
        self._log.progress(self.line(seconds), counts)
