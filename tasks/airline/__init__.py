"""Dialogues with the airline: travellers with agendas, and an agent that keeps to the rules."""
