"""What went wrong in episodes: first, most often, and in one run more than in another.

run = read_run("runs/eval/episodes.jsonl")     # opens a file, loads its tasks
rows = run.rows                                # one row an episode
overview(rows).kinds                           # what fails most often
paired(rows, read_run("runs/grpo/episodes.jsonl").rows)   # what another run changes
frame(rows)                                    # for notebooks; columns(rows) without pandas

first_wrong(task, episode)                     # why one episode failed
goal_of(task, episode)                         # its goal, call by call and fact by fact
"""

from reasonact_env.failures.cause import Cause, Kind
from reasonact_env.failures.first import all_wrong, first_wrong
from reasonact_env.failures.flows import Flow, flows
from reasonact_env.failures.goal import arguments_of, goal_of
from reasonact_env.failures.overview import Group, Overview, overview
from reasonact_env.failures.paired import Change, Paired, paired, pairs_of
from reasonact_env.failures.rows import (
    EpisodeRow,
    Run,
    played_task,
    read_run,
    row_of,
    rows_of,
    task_kind,
)
from reasonact_env.failures.table import columns, frame
from reasonact_env.failures.wanted import (
    Argument,
    GoalRows,
    Nearest,
    OutsideWrite,
    WantedCall,
    WantedFact,
)

__all__ = [
    "Argument",
    "Cause",
    "Change",
    "EpisodeRow",
    "Flow",
    "GoalRows",
    "Group",
    "Kind",
    "Nearest",
    "OutsideWrite",
    "Overview",
    "Paired",
    "Run",
    "WantedCall",
    "WantedFact",
    "all_wrong",
    "arguments_of",
    "columns",
    "first_wrong",
    "flows",
    "frame",
    "goal_of",
    "overview",
    "paired",
    "pairs_of",
    "played_task",
    "read_run",
    "row_of",
    "rows_of",
    "task_kind",
]
