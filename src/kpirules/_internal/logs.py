"""The logger of kpirules, which prints nothing unless the application configures logging.

No record of a person is logged: neither values nor names, only counts and the ids of rulesets.
"""

from __future__ import annotations

import logging
from typing import Final


#: the logger "kpirules"
LOGGER: Final = logging.getLogger("kpirules")
LOGGER.addHandler(logging.NullHandler())
