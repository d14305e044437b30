"""Random calls that the tools' schemas accept.

calls    values for a schema, and calls of a tool
merge    several schemas that must all hold, merged into one
text     texts of a given length, format or pattern
"""
