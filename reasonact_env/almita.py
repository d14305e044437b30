"""`ReasonAct-ALMITA-v0`: the environment over ALMITA's table, which warns about other data."""

from __future__ import annotations

import warnings
from typing import Any

from reasonact_env.env import ReasonActEnv

TABLE = "almita:"
"""The prefix of the names of data sets that were read from a table of ALMITA's form."""


class AlmitaEnv(ReasonActEnv):
    """ALMITA's tests as episodes. Without a table it plays generated procedures, and warns."""

    def __init__(self, **kwargs: Any) -> None:
        """Loads the data; warns if they are not a table of ALMITA's form.

        Args:
            **kwargs: The arguments of `ReasonActEnv`.
        """
        super().__init__(**kwargs)
        if not self.source.startswith(TABLE):
            warnings.warn(
                f"expected ALMITA's table for ReasonAct-ALMITA-v0, got {self.source}; results are "
                'not ALMITA\'s: pass data="ALMITA.csv", or make ReasonAct-Procedures-v0, which '
                "plays generated procedures",
                stacklevel=2,
            )
