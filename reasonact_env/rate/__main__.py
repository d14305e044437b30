"""Runs the command line."""

from reasonact_env.rate.command import main
from tools.command import run

if __name__ == "__main__":
    run(main)
