"""Episodes as rich renderables.

episode    messages and calls
scores     rewards and verdicts
goal       wanted calls and facts beside what was done
strip      an episode in one line
changes    values that a call changed
text       foreign text, made safe for a terminal
paged      long views page by page
flows      paths of a run's episodes on a procedure's flowgraph
"""
