"""tau-bench's and tau2-bench's own tasks, played on their own databases: `tau:PATH`.

places      where task files, databases and policies lie
taskfiles   one task as it is written, of either benchmark
gold        a task's gold actions as a dialogue, which only a gold agent plays
benchmark   what it is played on, and the benchmark's own verdict
user        the user, told by the task's instructions
reader      all tasks of a place
"""
