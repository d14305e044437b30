"""Studies of several runs: pipelines and grids, their tables, figures and reports."""
