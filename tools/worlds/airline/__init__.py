"""tau-bench's airline: flights, reservations and users, over a database that the user brings along.

rows       the rows of the database, and the objects inside calls
airline    one state of the database, the rules of a variant, and its refusals
answers    the form of rows in answers
parts      objects inside arguments, checked as a variant checks them
lookups    tools that show one thing, or a fixed list
searches   finding flights between two airports
booking    making a reservation
changes    cancelling and changing reservations; certificates
variants   which tools, texts and rules tau-bench (tau1) and tau2-bench (tau2) have
world      the two variants as worlds
rules      the rules for agents that a conversation can show to be broken
generated  databases of any size
"""
