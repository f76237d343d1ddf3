"""`python -m augcli` and the console script `augment`."""

from __future__ import annotations

from augcli.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
