"""tau-bench's airline: flights, reservations and users, over a database that the user brings along.

rows       what the database holds, and what calls are made of
airline    one state of it, the rules of a variant, and how it refuses
answers    how rows look in answers
parts      objects inside arguments, read as a variant reads them
lookups    tools that show one thing, or a fixed list
searches   finding flights between two airports
booking    making a reservation
changes    cancelling and changing reservations; certificates
variants   which tools, texts and rules tau-bench (tau1) and tau2-bench (tau2) have
world      the two variants as worlds
rules      what an agent has to keep to, as far as conversations tell
generated  databases of any size
"""
