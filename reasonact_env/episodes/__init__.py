"""Episodes on disk.

codec           an episode as JSON values, and back
lines           JSON objects as lines, what they have in common told once
storage         files of episodes
verify          plays saved episodes again and compares everything
"""
