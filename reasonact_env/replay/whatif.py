"""What would have happened otherwise: an episode goes on from any step with another action.

    what_if = WhatIf(EpisodeFile("runs/eval/episodes.jsonl"))
    place = Place(episode=7, step=2)
    branch = what_if.say(place, "Which order is it?")    # type another action …
    branch = what_if.let(what_if.end_of(branch), "gold") # … and let another agent go on

The episode is played again up to that step, and goes on in a fork of that environment. Branches are
kept (`replay.branches`); branches of branches, too. A user that was a model or a person says there
what it said in the episode, in that order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from reasonact_env.agent import Agent, Observation, Session
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Branch, Episode
from reasonact_env.episodes.storage import EpisodeFile
from reasonact_env.episodes.verify import VerifyError, environment_of, follow, ids_of
from reasonact_env.named import agent_by_name
from reasonact_env.play.typed_calls import read_move
from reasonact_env.replay.branches import Branches
from tools.places import require_place

TYPED = "typed"
"""Who goes on where a person types."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an episode, or in one of its branches."""

    episode: int
    """The number of the episode in its file, from 1."""
    branch: int = 0
    """The number of the branch, from 1 among all of the file; 0 for the episode itself."""
    step: int = 0
    """How many of its steps stay."""


@dataclass(slots=True)
class _Scene:
    """An episode in the middle: an environment, and what an agent sees."""

    env: ReasonActEnv
    observation: Observation
    info: dict[str, Any]
    ended: bool = False

    def fork(self) -> _Scene:
        return _Scene(self.env.fork(), self.observation, self.info, self.ended)

    def step(self, action: str) -> None:
        self.observation, _, terminated, truncated, self.info = self.env.step(action)
        self.ended = terminated or truncated


class WhatIf:
    """Other ways in which the episodes of a file could have gone on."""

    def __init__(
        self, file: EpisodeFile, data: str | None = None, database: str | None = None
    ) -> None:
        """Reads the branches that there are; the environment is made when it is needed.

        Args:
            file: The episodes.
            data: The data's present place, if the file names another.
            database: The database's present place, if the file names another.

        Raises:
            StorageError: if the file of branches cannot be used.
        """
        self._file, self._places = file, (data, database)
        self.branches = Branches(file)
        """The branches."""
        self._env: ReasonActEnv | None = None
        self._agents: dict[str, Agent] = {}
        self._scene: tuple[Place, _Scene] | None = None

    def at(self, place: Place) -> Episode:
        """The episode, or the branch, in which a place is.

        Raises:
            ValueError: if there is none.
        """
        if not 1 <= place.episode <= len(self._file):
            raise ValueError(
                f"expected an episode from 1 to {len(self._file)}, got {place.episode}"
            )
        if not place.branch:
            return self._file[place.episode - 1]
        found = dict(self.branches.of(place.episode))
        if place.branch not in found:
            known = ", ".join(map(str, found)) or "none"
            raise ValueError(
                f"expected a branch of episode {place.episode}, got {place.branch}; it has {known}"
            )
        return found[place.branch]

    def end_of(self, place: Place) -> Place:
        """The place after the last step."""
        return replace(place, step=len(self.at(place).steps))

    def type(self, place: Place, line: str) -> Place:
        """Goes on with what a person types: `/call NAME key=value …`, or a reply.

        Raises:
            BadCommand: if the line is neither.
            ValueError: as for `say`.
        """
        return self.say(place, read_move(line, self.at(place).tools))

    def say(self, place: Place, action: str) -> Place:
        """Goes on with another message of the agent's, and keeps the branch.

        Returns:
            The end of the branch.

        Raises:
            OSError: if the branch could not be kept.
            ValueError: if there is no such place, or the episode has ended there.
            VerifyError: if the episode cannot be played again up to there.
        """
        scene = self._at_turn(place)
        scene.step(action)
        return self._keep(place, scene, TYPED)

    def let(self, place: Place, name: str) -> Place:
        """Lets another agent play on to the end, and keeps the branch.

        Args:
            place: Where it begins.
            name: gold, a baseline, MODULE:NAME, the folder of a policy, MODEL@URL, or endpoint.

        Returns:
            The end of the branch.

        Raises:
            ValueError: as for `say`; or if there is no such agent.
            VerifyError: as for `say`.
        """
        scene = self._at_turn(place)
        session = Session(scene.observation, scene.info)
        agent = self._agent(name)
        while not scene.ended:
            (action,) = agent.act([session])
            scene.step(action)
            session.observation, session.info = scene.observation, scene.info
        return self._keep(place, scene, name)

    def _keep(self, place: Place, scene: _Scene, agent: str) -> Place:
        branch = Branch(place.episode, place.branch, place.step, agent)
        number = self.branches.add(replace(scene.env.episode, branch=branch))
        end = Place(place.episode, number, len(scene.env.episode.steps))
        self._scene = end, scene
        return end

    def _at_turn(self, place: Place) -> _Scene:
        """A scene of its own at a place where the agent is to speak."""
        require_place(self.branches.path)  # before an agent works for nothing
        episode = self.at(place)
        if not 0 <= place.step <= len(episode.steps):
            raise ValueError(
                f"expected a step from 0 to {len(episode.steps)} of {episode.task_id}, after which "
                f"something else is said, got {place.step}"
            )
        if place.step == len(episode.steps) and episode.stop is not None:
            raise ValueError(
                f"expected a step before the end, got {place.step}, after which the episode is "
                f"over ({episode.stop}); go back a step"
            )
        if self._scene is None or self._scene[0] != place:
            self._scene = place, self._play_to(episode, place.step)
        return self._scene[1].fork()

    def _play_to(self, episode: Episode, count: int) -> _Scene:
        """Plays an episode again up to a step, and sees that it is the same."""
        if self._env is None:
            self._env = environment_of(self._file.header, *self._places, ids_of(self._file))
        options: dict[str, Any] = {"task_id": episode.task_id}
        if episode.decision is not None:
            options["decision"] = episode.decision
        follow(self._env, episode)
        try:
            scene = _Scene(self._env, *self._env.reset(seed=episode.seed, options=options))
        except ValueError as error:
            raise VerifyError(f"expected to play {episode.task_id} again, but {error}") from error
        for number, step in enumerate(episode.steps[:count], 1):
            scene.step(step.action)
            again = scene.env.episode.steps[-1]
            if (again.state_hash, again.answers) != (step.state_hash, step.answers):
                raise VerifyError(
                    f"expected to play {episode.task_id} again up to step {count}, but step "
                    f"{number} brings something else than saved; --verify says what differs"
                )
        return scene.fork()

    def _agent(self, name: str) -> Agent:
        if name not in self._agents:
            assert self._env is not None
            config = self._env.config
            tasks = self._env.tasks
            self._agents[name] = agent_by_name(name, tasks, config.mode, config.thinking)
        return self._agents[name]
