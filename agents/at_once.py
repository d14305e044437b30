"""Episodes that are played at the same time, each by itself: for agents that wait for a model."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from queue import SimpleQueue
from threading import Event, Thread

from agents.play import AGENT, USER, Ended, Lost, Seat, Taken, Wanted, messages_of
from reasonact_env.agent import Agent, as_agent
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from tools.chat_endpoint import EndpointError
from tools.usage import counted_in


def play_at_once(
    config: EnvConfig,
    agent: Agent,
    wanted: Sequence[Wanted],
    *,
    workers: int,
    seed: int = 0,
) -> Iterator[Ended]:
    """Plays up to `workers` episodes at a time, a thread for each; nobody waits for a neighbour.

    Args:
        config: What the environments are made with.
        agent: Who answers, one session a call, and several calls at the same time.
        wanted: The episodes.
        workers: How many run at a time.
        seed: The seed given to every reset.

    Yields:
        Each episode as it ends. One in which the agent or the user raises an error is lost, and
        the others go on.
    """
    work = _Work(config, agent, wanted, seed)
    # Daemons: whoever stops listening, by Ctrl-C, does not wait for answers that are on their way.
    for _ in range(min(workers, len(wanted))):
        Thread(target=work.until_done, daemon=True).start()
    try:
        for _ in wanted:
            ended = work.ended.get()
            if isinstance(ended, BaseException):
                raise ended
            yield ended
    finally:
        work.stopped.set()


class _Work:
    """What is yet to be played, and what has ended."""

    def __init__(
        self, config: EnvConfig, agent: Agent, wanted: Sequence[Wanted], seed: int
    ) -> None:
        self.ended: SimpleQueue[Ended | BaseException] = SimpleQueue()
        self.stopped = Event()
        self._config, self._agent, self._seed = config, as_agent(agent), seed
        self._waiting = deque(wanted)
        ReasonActEnv.of(config)  # loads the data once, before many threads want them

    def until_done(self) -> None:
        """What a thread does: one episode after the other."""
        try:
            env = ReasonActEnv.of(self._config)
            while self._waiting and not self.stopped.is_set():
                try:
                    task_id, decision = self._waiting.popleft()
                except IndexError:  # another thread was faster
                    return
                self._play(env, task_id, decision)
        except BaseException as error:  # of no single episode: all end
            self.ended.put(error)

    def _play(self, env: ReasonActEnv, task_id: str, decision: int | None) -> None:
        seat: Seat | None = None
        try:
            seat = Seat.at(env, task_id, decision, self._seed)
            while not seat.ended:
                if self.stopped.is_set():
                    return
                answer = self._answer(seat)
                seat.who = ""
                seat.move(answer)
        except Exception as error:
            if seat is None:
                self.ended.put(Lost(task_id, error, 0, Taken()))
                return
            seat.error = error
            if not seat.who and isinstance(error, EndpointError):
                seat.who = USER
        self.ended.put(seat.result)

    def _answer(self, seat: Seat) -> str:
        seat.session.cut, seat.who = None, AGENT
        with counted_in(seat.taken.agent):
            answers = self._agent.act([seat.session])
        return messages_of(self._agent, answers, 1)[0]
