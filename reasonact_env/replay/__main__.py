"""Runs the replay's command line."""

from reasonact_env.replay.command import main
from tools.command import run

if __name__ == "__main__":
    run(main)
