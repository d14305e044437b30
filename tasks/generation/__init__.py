"""The parts that all generators of conversations with customers share.

domain         a line of business: its customers, its worlds, its gold agent
menu           the kinds of requests, and the sampling of agendas
levels         the difficulty of a dialogue
talk           a dialogue while it is generated
serving        the gold agent's way of serving a customer
courtesies     its phrases that fit any domain
distractors    tools that do not help with the task
rejection      rejects, counts and replaces unsound dialogues
tally, view    a run of a generator in figures, one task on the console
"""
