"""What an assistant can say and call: types, the parser, schemas, executors, worlds."""
