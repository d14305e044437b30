"""What generated databases share; `World.generated` gives one, the same for one seed everywhere.

people       names, addresses and emails of invented people
ids          numbers in a random-looking order, without repetition
"""
