"""``python -m kpirules`` is the command line."""

from __future__ import annotations

from kpirules.cli import main


if __name__ == "__main__":
    main()
