"""Runs the replay's command line."""

import sys

from reasonact_env.replay.command import main

if __name__ == "__main__":
    sys.exit(main())
