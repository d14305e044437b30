"""Dialogues over tool sets, rules and domains that are drawn anew each time, to learn reading."""
