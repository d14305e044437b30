"""Support procedures, and the pipeline that generates conversations and tests from them.

The pipeline is that of arXiv 2409.15934, as a deterministic program; each stage is a pure function:

    form.read_area        TOML -> procedures, with their slots and APIs
    flowgraph             procedure -> graph of messages and API calls, edges with conditions
    conversation_graph    flowgraph -> the graph with the customer's turns
    noise.with_noise      -> the graph with turns that no procedure foresees
    paths.sample_path     -> a path, unvisited edges first
    conversation.converse -> the messages and calls along the path
    records.record        -> a record in APIGen-MT's form and its sidecar
    tests.cut             -> tests: the next turn, given all turns before it
    table.write_table     -> a table of such tests, in ALMITA's form

`python -m tasks.procedures --trace NAME` shows each stage's result.
"""
