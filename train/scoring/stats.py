"""The statistics of `reasonact_env.stats`, under the name by which training knows them."""

from reasonact_env.stats import (
    CONFIDENCE,
    Floats,
    Interval,
    Labels,
    Ratio,
    Ratios,
    difference,
    pooled,
    ratio,
    share,
    student,
    wilson,
)

__all__ = [
    "CONFIDENCE",
    "Floats",
    "Interval",
    "Labels",
    "Ratio",
    "Ratios",
    "difference",
    "pooled",
    "ratio",
    "share",
    "student",
    "wilson",
]
