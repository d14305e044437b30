"""A reader of your own: `python -m train.evaluate --data examples.own_reader:load --split all`."""

from collections.abc import Iterator

from tasks.load import load_tasks

CHATS = """
user: Where is 12? | clerk: At gate 3.
user: Is 4 in? | call: {"name": "find", "arguments": {"no": "4"}} | answer: yes | clerk: Yes.
"""
TOOL = {"name": "find", "parameters": {"properties": {"no": {"type": "string"}}}}
WHO = {"user": "human", "clerk": "gpt", "call": "function_call", "answer": "observation"}


def load() -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Records in APIGen-MT's format (tasks/apigen/reader.py shows one), without sidecars."""
    for chat in CHATS.strip().splitlines():
        said = [part.split(": ", 1) for part in chat.split(" | ")]
        turns = [{"from": WHO[name], "value": text} for name, text in said]
        yield {"system": "Find parcels.", "tools": [TOOL], "conversations": turns}, {}


if __name__ == "__main__":
    for task in load_tasks("own_reader:load").tasks:  # as gym.make(…, data="own_reader:load") does
        print(task.opening[-1].content, "->", *(call.name for call in task.goal.calls))
