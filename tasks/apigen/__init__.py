"""APIGen-MT's format: a JSON array of recorded dialogues, perhaps with a sidecar.

jsonfiles    files of JSON records
rows         one raw row, mended where that is safe
sidecars     what stands beside a row: its goal, its world, its group
reader       rows and sidecars as tasks, or as errors that say why
"""
