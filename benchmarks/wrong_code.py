"""Wrong uses in Python for `benchmarks.wrong_uses`: what it is called -> code that does it."""

from __future__ import annotations

_MADE = "import gymnasium as gym, reasonact_env\nenv = gym.make('ReasonAct-APIGen-v0', {})\n"
_DESK = _MADE.format("data='desk:20', split='all', disable_env_checker=True")


def _made(arguments: str) -> tuple[str, str]:
    return f"gym.make('ReasonAct-APIGen-v0', {arguments})", _MADE.format(arguments)


def _done(words: str) -> tuple[str, str]:
    return words, f"{_DESK}{words.replace('; ', chr(10))}\n"


KWARGS = dict(
    (
        _made("mode='dialog'"),
        _made("split='tset'"),
        _made("data='desk:five'"),
        _made("user='agnda'"),
        _made("thinking='on'"),
        _made("max_turns=0"),
        _made("weights={'tol': 1}"),
        _made("weights={'tool': 'much'}"),
        _made("rewards=('no_such_module:f=0.1',)"),
        _made("databse='auto'"),
        _done("env.reset(seed=0); env.step(5)"),
        _done("env.step('hello')"),
        _done("env.reset(options={'task_id': 'desk-9'})"),
        _done("env.reset(options={'taskid': 'desk-00009'})"),
        _done("env.reset(options={'decision': 1})"),
    )
)

_PLAYED = """
from agents.play import play
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks

tasks = load_tasks("desk:20").tasks[:5]
list(play(EnvConfig(data="desk:20", split="all"), {}, [(task.id, None) for task in tasks]))
"""


def _agent(body: str) -> str:
    mine = f"class Mine:\n    def act(self, sessions):\n        return {body}\n"
    return mine + _PLAYED.format("Mine()")


AGENTS = {
    "play(config, Mine(), …) where act returns a string": _agent("'Hello.'"),
    "… where act returns one message too few": _agent("['Hello.'] * (len(sessions) - 1)"),
    "… where act returns None": _agent("None"),
    "… where act returns numbers": _agent("[1 for _ in sessions]"),
    "… of a class without act": f"class Mine: ...\n{_PLAYED.format('Mine()')}",
    "load_agent('no_such_module:Mine')": (
        "from reasonact_env.agent import load_agent\nload_agent('no_such_module:Mine')\n"
    ),
    "load_agent('json:Mine')": (
        "from reasonact_env.agent import load_agent\nload_agent('json:Mine')\n"
    ),
    "load_agent('json')": "from reasonact_env.agent import load_agent\nload_agent('json')\n",
}
