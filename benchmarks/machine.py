"""What a figure was measured on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version


def machine() -> dict[str, str | int]:
    """Python, the libraries that matter, the kind of machine; nothing that tells whose it is."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 0,
        "gymnasium": version("gymnasium"),
        "jsonschema": version("jsonschema"),
        "numpy": version("numpy"),
    }
