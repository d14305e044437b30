"""Random calls that tools' schemas accept.

calls    values for a schema, and calls of a tool
merge    several schemas that must hold together, made into one
text     texts of a length, a format, or a pattern
"""
