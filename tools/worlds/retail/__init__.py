"""tau-bench's shop: orders, products and users, over a database that the user brings along.

rows       the rows of the database
shop       one state of the database, the rules of a variant, and its refusals
lookups    tools that only look things up
orders     cancelling pending orders, changing their address and payment
items      changing, exchanging and returning the items of an order
users      changing a user's address
variants   which tools, texts and rules tau-bench (tau1) and tau2-bench (tau2) have
world      the two variants as worlds
rules      the rules for agents that a conversation can show to be broken
generated  databases of any size
"""
