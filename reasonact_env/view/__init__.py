"""Episodes as rich renderables.

episode    who said what, what was called
scores     what it earned
changes    what a call changed
text       foreign text, made harmless for a terminal
flows      where a run's episodes went on a procedure's flowgraph
"""
