"""Dialogues at the retail shop: customers with agendas, and an agent that follows the rules."""
