"""`python -m reasonact_env.play ENV_ID`: be the agent of a conversation, or its user.

typed_calls     calls as a person types them
completion      what may stand next in such a line
reading         a line of a person, with completion where there is a terminal
agent           a person as the agent
user            a person as the user
command         the command line
"""
