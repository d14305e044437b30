"""Dialogues with the airline: travellers with agendas, and an agent that follows the rules."""
