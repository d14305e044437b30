"""Reproducible draws for generators; they live in `tools.dice`."""

from tools.dice import Dice

__all__ = ["Dice"]
