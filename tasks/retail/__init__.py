"""Dialogues at the retail shop: customers with agendas, and an agent that keeps to the rules."""
