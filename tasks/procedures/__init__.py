"""Support procedures, and the pipeline that makes conversations and tests of them.

The pipeline is arXiv 2409.15934's, as a deterministic program; each stage is a pure function:

    form.read_area        TOML -> procedures, with their slots and APIs
    flowgraph             procedure -> graph of messages and API calls, edges with conditions
    conversation_graph    flowgraph -> the same with the customer's turns
    noise.with_noise      -> the same with turns that no procedure foresees
    paths.PathSampler     -> a path, unvisited edges first
    conversation.converse -> what is said and called along the path
    records.record        -> a record in APIGen-MT's form and its sidecar
    tests.cut             -> tests: what comes next, given all that was said before
"""
