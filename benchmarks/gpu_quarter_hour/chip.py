"""The first phase: which chip, which versions, and how fast it multiplies in bfloat16."""

from __future__ import annotations

import time
from importlib.metadata import PackageNotFoundError, version

import torch

from benchmarks.machine import machine

PEAKS = {
    "H200": 989e12,
    "H100": 989e12,
    "GH200": 989e12,
    "B200": 2_250e12,
    "A100": 312e12,
    "L40S": 362e12,
    "A10": 125e12,
    "4090": 165e12,
    "L4": 121e12,
}
"""Dense bf16 operations a second, by the vendor's data sheets (SXM parts where there are several).

The longest name that the chip's own contains counts."""
SIDE = {"cuda": 8_192, "cpu": 256}
"""Rows and columns of the matrices whose product is timed."""
PRODUCTS = 10
"""How many products are timed, after three that are not."""
PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "tokenizers")


def device() -> str:
    """Where everything is computed."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def wait() -> None:
    """Waits until the GPU has done what it was given; clocks are read after that."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def peak_of(name: str) -> float | None:
    """A chip's dense bf16 peak in operations a second; None for a chip that is not in the table.

    >>> peak_of("NVIDIA H200"), peak_of("NVIDIA L40S"), peak_of("some CPU")
    (989000000000000.0, 362000000000000.0, None)
    """
    known = sorted((one for one in PEAKS if one in name), key=len)
    return PEAKS[known[-1]] if known else None


def chip() -> str:
    """The GPU's name; "cpu" without one."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


def environment() -> dict[str, object]:
    """The chip, its memory, versions, the peak by data sheet, and a measured one."""
    memory = torch.cuda.get_device_properties(0).total_memory / 1e9 if _on_gpu() else None
    return {
        "chip": chip(),
        "memory_gb": memory,
        "peak": peak_of(chip()),
        "measured": product_rate(SIDE[device()]),
        "cuda": torch.version.cuda,
        "packages": {name: _version(name) for name in PACKAGES},
        "machine": machine(),
    }


def product_rate(side: int) -> float:
    """Operations a second of a product of two square bf16 matrices: 2 side^3 each.

    The entries are random: a chip is faster on zeros.
    """
    left, right = (torch.randn(side, side, device=device()).bfloat16() for _ in range(2))
    for _ in range(3):
        left @ right
    wait()
    started = time.perf_counter()
    for _ in range(PRODUCTS):
        left @ right
    wait()
    return 2 * side**3 * PRODUCTS / (time.perf_counter() - started)


def _on_gpu() -> bool:
    return torch.cuda.is_available()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
