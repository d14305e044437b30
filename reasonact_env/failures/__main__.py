"""Runs the command line of failures."""

from reasonact_env.failures.command import main
from tools.command import run

if __name__ == "__main__":
    run(main)
