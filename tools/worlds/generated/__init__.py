"""Generated databases: the same for one seed on every machine.

databases    a world's generated database, by name, size and seed
people       names, addresses and emails of nobody in particular
ids          numbers in a random-looking order, none of them twice
"""
