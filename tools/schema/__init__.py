"""JSON schemas of tools: reading them, validating calls, and saying what is wrong with one.

toolbox    a task's tools, ready to validate; the normal form of a call
load       a schema as a data set has it, checked and simplified
strict     validation by jsonschema, which is the reference
fast       the same verdict in one pass, for the schemas that most tools have
problems   what is wrong with a call, in words
patterns   regular expressions, matched in linear time
"""
