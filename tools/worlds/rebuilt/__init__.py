"""Worlds rebuilt from one dialogue: their database is what its observations show.

rows        from a dialogue's answers to the rows that they show
flights     the same for flights, which answers show only in part
undoing     rows as they were before a write
executor    the world on these rows, which says so if a call needs an unseen row
"""
