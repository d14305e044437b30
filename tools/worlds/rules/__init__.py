"""Whether a conversation kept to the rules of a business, rule by rule.

conversation   a conversation as the rules see it
shared         the rules that retail and airline share

A rule is a function of a conversation that yields a violation wherever it was broken. Rules read
what was said and answered, nothing else; where words leave it open whether a rule was kept, it
was. The rules of a world's own stand in its folder, and its `World` lists them.
"""
