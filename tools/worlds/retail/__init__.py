"""tau-bench's shop: orders, products and users, over a database that the user brings along.

rows       what the database holds
shop       one state of it, the rules of a variant, and how it refuses
lookups    tools that only look things up
orders     cancelling pending orders, changing their address and payment
items      changing, exchanging and returning the items of an order
users      changing a user's address
variants   which tools, texts and rules tau-bench (tau1) and tau2-bench (tau2) have
world      the two variants as worlds
rules      what an agent has to keep to, as far as conversations tell
generated  databases of any size
"""
