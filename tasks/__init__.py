"""Tasks: recorded or generated dialogues, read into one form."""
