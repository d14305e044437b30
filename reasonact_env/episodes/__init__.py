"""Episodes on disk.

storage         files of episodes (start here)
growing         a file that grows while episodes are played
header          the first line: all that the episodes of a file share
codec           an episode as a line, and back
lines           JSON as lines of a file
verify          plays saved episodes again and compares everything
"""
