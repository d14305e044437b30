"""Episodes on disk.

codec           an episode as JSON values, and back
lines           JSON objects as lines of a file
header          the first line: what the episodes of a file have in common
storage         files of episodes
verify          plays saved episodes again and compares everything
"""
