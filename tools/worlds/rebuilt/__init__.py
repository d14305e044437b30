"""Worlds rebuilt from one dialogue: what its observations show is their database.

rows        from a dialogue's answers to the rows that they show
flights     the same for flights, which are only ever shown in part
undoing     rows as they were before a write
executor    the world on these rows, which says what it has never seen
"""
