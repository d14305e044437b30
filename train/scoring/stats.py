"""The statistics of `reasonact_env.stats`, under the name by which training knows them."""

from reasonact_env.stats import (
    ALONE,
    CONFIDENCE,
    NOTHING,
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
    "ALONE",
    "CONFIDENCE",
    "Floats",
    "Interval",
    "Labels",
    "NOTHING",
    "Ratio",
    "Ratios",
    "difference",
    "pooled",
    "ratio",
    "share",
    "student",
    "wilson",
]
