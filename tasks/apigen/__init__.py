"""APIGen-MT's format: a JSON array of recorded dialogues, perhaps with a sidecar.

jsonfiles    files of JSON records
rows         one raw row, repaired if that is safe
sidecars     what goes with a row: its goal, its world, its group
fitting      whether a row fits the world of its sidecar
reader       rows and sidecars as tasks, or as errors that say why
"""
