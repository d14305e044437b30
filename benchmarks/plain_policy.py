"""The plain way to play: the whole conversation through `generate`, anew at every turn.

This is what TRL's own loop over tools does: each turn it gives `generate` the tokens so far, and
nothing of the cache is kept from turn to turn or shared inside a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from transformers import GenerationConfig

from agents.policy import Policy, Trajectory
from agents.sampling import Completion
from reasonact_env.agent import Session


class PlainPolicy(Policy):
    """Our policy's tokens and turns, with the library's generation."""

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers each session with one sampled message."""
        with torch.inference_mode():
            trajectories = [self._listen(session) for session in sessions]
            if going := [trajectory for trajectory in trajectories if not trajectory.full]:
                self._generate(going)
        return list(map(self._answer, sessions, trajectories))

    def _generate(self, trajectories: Sequence[Trajectory]) -> None:
        """One call of `generate` over all that was said."""
        width = max(len(trajectory.ids) for trajectory in trajectories)
        rows = [
            [self.chat.end_id] * (width - len(trajectory.ids)) + trajectory.ids
            for trajectory in trajectories
        ]
        masks = [
            [0] * (width - len(trajectory.ids)) + [1] * len(trajectory.ids)
            for trajectory in trajectories
        ]
        config = GenerationConfig(
            do_sample=True,
            temperature=self._sampling.temperature,
            top_k=0,
            max_new_tokens=self._sampling.max_new_tokens,
            eos_token_id=self.chat.end_id,
            pad_token_id=self.chat.end_id,
        )
        device = self._model.device
        made = self._model.generate(
            input_ids=torch.tensor(rows, device=device),
            attention_mask=torch.tensor(masks, device=device),
            generation_config=config,
        )
        for trajectory, row in zip(
            trajectories, cast("list[list[int]]", made[:, width:].tolist()), strict=True
        ):
            ids = row[: row.index(self.chat.end_id) + 1] if self.chat.end_id in row else row
            trajectory.append_action(Completion(ids, [0.0] * len(ids)), self.chat.text(ids))
