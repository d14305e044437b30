"""What all generators of conversations with customers share.

domain         a line of business: its customers, its worlds, its gold agent
menu           what customers may want, and how one comes by its agenda
levels         how difficult a dialogue is
talk           a dialogue in the making
serving        how a gold agent serves a customer
courtesies     what it says whatever the domain
distractors    tools on offer that are of no use
rejection      what is not sound is thrown away, counted and replaced
tally, view    a run of a generator in figures, one task on the console
"""
