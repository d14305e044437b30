"""Whether a conversation kept to the rules of a business, rule by rule.

conversation   what the rules read of a conversation
shared         the rules that retail and airline share

A rule is a function of a conversation; it yields a violation at each place where the rule was
broken. Rules read only what was said and answered. If that leaves it open whether a rule was
kept, the rule counts as kept. A world's own rules stand in its folder, and its `World` lists them.
"""
