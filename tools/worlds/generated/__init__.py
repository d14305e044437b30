"""What generated databases share; `World.generated` gives one, the same for one seed everywhere.

people   names, addresses and emails of nobody in particular
ids      numbers in a random-looking order, none of them twice
"""
