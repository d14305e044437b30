"""`python -m reasonact_env.rate FILE…`: people judge reasoning, without knowing whose it is.

criteria    what is judged
items       the messages with a thought, one at a time or in pairs, drawn and shuffled
ratings     a file of judgements
asking      one rater at the console
tasks       what the same stages achieve in their tasks
results     means by stage, preferences, and the raters' agreement
command     the command line
"""
