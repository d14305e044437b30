"""The model policy: its cache changes nothing, and it keeps the tokens that it sampled."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from agents.generation import Wave  # noqa: E402
from agents.play import play  # noqa: E402
from agents.policy import Policy, Trajectory, trajectory_of  # noqa: E402
from agents.sampling import Sampling, draw_tokens  # noqa: E402
from reasonact_env.agent import Session  # noqa: E402
from reasonact_env.config import EnvConfig  # noqa: E402
from reasonact_env.env import ReasonActEnv  # noqa: E402
from train.models.model import tiny_model  # noqa: E402
from train.models.profiles import TinyModel  # noqa: E402
from train.models.tokenizer import END, train_tokenizer  # noqa: E402

DATA = "desk:60"
ENV = EnvConfig(data=DATA, split="all", mode="dialogue")


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(ReasonActEnv.of(ENV).tasks, 700)


@pytest.fixture(scope="module")
def model(tokenizer):
    shape = TinyModel(layers=2, hidden=64, heads=2, initial_std=0.3)
    return tiny_model(shape, tokenizer, seed=0).eval()


def played(model, tokenizer, sampling: Sampling, count: int = 6, **kwargs):
    agent = Policy(model, tokenizer, sampling, **kwargs)
    ids = ReasonActEnv.of(ENV).task_ids[:count]
    return list(play(ENV, agent, [(task_id, None) for task_id in ids], batch_size=4))


def fresh_logprobs(model, trajectory: Trajectory, temperature: float) -> list[float]:
    ids = torch.tensor([trajectory.ids])
    with torch.inference_mode():
        logits = model(ids).logits[0, :-1] / temperature
    picked = logits.log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
    return picked[len(trajectory.prompt_ids) - 1 :].tolist()


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_logprobs_over_all_turns_equal_those_of_one_fresh_pass(
    model, tokenizer, temperature: float
) -> None:
    sampling = Sampling(temperature=temperature, max_new_tokens=12)
    lengths = set()
    for one in played(model, tokenizer, sampling):
        trajectory = trajectory_of(one)
        lengths.add(len(one.episode.steps))
        expected = fresh_logprobs(model, trajectory, temperature)
        for got, want, sampled in zip(trajectory.logprobs, expected, trajectory.mask, strict=True):
            assert got == (pytest.approx(want, abs=1e-4) if sampled else 0.0)
    assert len(lengths) > 1, "rows must end at different times for this to mean anything"


def test_greedy_messages_equal_the_librarys_generation(model, tokenizer) -> None:
    sampling = Sampling(temperature=0, max_new_tokens=10)
    for one in played(model, tokenizer, sampling, count=3):
        trajectory = trajectory_of(one)
        position = len(trajectory.prompt_ids)
        while position < len(trajectory.ids):
            offset = position - len(trajectory.prompt_ids)
            if not trajectory.mask[offset]:
                position += 1
                continue
            said = 0
            while offset + said < len(trajectory.mask) and trajectory.mask[offset + said]:
                said += 1
            prefix = torch.tensor([trajectory.ids[:position]])
            output = model.generate(
                prefix,
                attention_mask=torch.ones_like(prefix),
                max_new_tokens=10,
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
                eos_token_id=tokenizer.eos_token_id,
            )
            assert output[0, position:].tolist() == trajectory.ids[position : position + said]
            position += said


def test_the_episode_is_what_the_tokens_say(model, tokenizer) -> None:
    for one in played(model, tokenizer, Sampling(max_new_tokens=12)):
        trajectory = trajectory_of(one)
        assert [step.action for step in one.episode.steps] == trajectory.texts
        assert len(trajectory.completion_ids) == len(trajectory.mask) == len(trajectory.logprobs)
        said = sum(trajectory.mask)
        assert 0 < said <= 12 * len(trajectory.texts)


def test_tokens_of_the_environment_are_those_of_the_whole_rendering(tokenizer, model) -> None:
    """Turn by turn or at once: the same text, where the policy's own messages are canonical."""
    env = ReasonActEnv.of(ENV)
    agent = Policy(model, tokenizer, Sampling(max_new_tokens=1))
    task = max(env.tasks, key=lambda task: len(task.user_turns))
    observation, info = env.reset(options={"task_id": task.id})
    session = Session(observation, info)
    trajectory = agent._listen(session)
    for reply in ("One moment, please.", "Thank you."):
        ids = tokenizer.encode(reply + END)
        trajectory.completion_ids += ids
        trajectory.mask += [1] * len(ids)
        trajectory.logprobs += [0.0] * len(ids)
        trajectory.texts.append(reply)
        session.observation, *_ = env.step(reply)
        assert agent._listen(session) is trajectory
    whole = tokenizer.apply_chat_template(
        session.observation["messages"],
        tools=session.observation["tools"],
        add_generation_prompt=True,
        enable_thinking=False,
        tokenize=False,
    )
    assert tokenizer.decode(trajectory.ids) == whole


def test_a_full_context_silences_the_policy_instead_of_crashing(model, tokenizer) -> None:
    env = ReasonActEnv.of(ENV)
    task = max(env.tasks, key=lambda task: len(task.user_turns))
    observation, info = env.reset(options={"task_id": task.id})
    session = Session(observation, info)
    sampling = Sampling(max_new_tokens=8)
    room = len(Policy(model, tokenizer, sampling)._listen(session).prompt_ids)
    session.memory.clear()
    agent = Policy(model, tokenizer, sampling, max_context=room + 10)
    assert agent.act([session]) != [""]
    for _ in range(2):
        session.observation, *_ = env.step("Anything else?")
        session.memory["trajectory"].texts.append("Anything else?")
        assert agent.act([session]) == [""]


def walks(model, tokenizer, count: int):
    agent = Policy(model, tokenizer, Sampling(temperature=0, max_new_tokens=5))
    config = replace(ENV, mode="turn")
    ids = ReasonActEnv.of(config).task_ids[:count]
    return list(play(config, agent, [(task_id, None) for task_id in ids], batch_size=count))


def test_turn_mode_answers_the_recorded_history(model, tokenizer) -> None:
    agent = Policy(model, tokenizer, Sampling(temperature=0, max_new_tokens=5))
    config = replace(ENV, mode="turn")
    for walk in walks(model, tokenizer, 4):
        trajectory, episode = trajectory_of(walk), walk.episode
        expected = fresh_logprobs(model, trajectory, 1.0)
        assert trajectory.logprobs == pytest.approx(expected, abs=1e-4)
        wanted = [(episode.task_id, number) for number in range(len(episode.steps))]
        alone = [one.episode.steps[0].action for one in play(config, agent, wanted, batch_size=1)]
        assert [step.action for step in episode.steps] == alone


def test_turn_mode_reads_a_history_once(model, tokenizer) -> None:
    read: list[int] = []
    hook = model.register_forward_pre_hook(
        lambda module, args, kwargs: read.append(kwargs["input_ids"].numel()), with_kwargs=True
    )
    with hook:
        (walk,) = walks(model, tokenizer, 1)
    trajectory, steps = trajectory_of(walk), walk.episode.steps
    assert len(steps) > 2
    assert sum(read) < len(trajectory.ids) + 8 * len(steps)


@pytest.mark.parametrize("changed", [(0,), (1,), (0, 1)])
def test_a_history_that_leaves_what_all_rows_share_is_read_anew(
    model, tokenizer, changed: tuple[int, ...]
) -> None:
    """Less of it is cached than all rows share: keys of the old rules must not be attended to."""
    agent = Policy(model, tokenizer, Sampling(temperature=0, max_new_tokens=5))
    env, sessions = ReasonActEnv.of(ENV), []
    for task_id in env.task_ids[:2]:
        sessions.append(Session(*env.reset(options={"task_id": task_id})))
    agent.act(sessions)
    assert agent._wave is not None
    assert int(agent._wave.kept_once.min()) > 100
    for place, session in enumerate(sessions):
        first, *rest = session.observation["messages"]
        if place in changed:
            first = {**first, "content": f"Be brief. {first['content']}"}
        recorded = [
            {"role": "assistant", "content": "One moment."},
            {"role": "user", "content": "Well?"},
        ]
        session.observation = {**session.observation, "messages": [first, *rest, *recorded]}
    agent.act(sessions)
    for session in sessions:
        trajectory = session.memory["trajectory"]
        expected = fresh_logprobs(model, trajectory, 1.0)
        assert trajectory.logprobs == pytest.approx(expected, abs=1e-4)


def test_the_same_seed_samples_the_same_episodes(model, tokenizer) -> None:
    sampling = Sampling(max_new_tokens=8)
    first, again, other = (
        [one.episode.steps[0].action for one in played(model, tokenizer, sampling, seed=seed)]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_top_k_and_top_p_restrict_what_is_sampled() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0, 3.0]]).repeat(500, 1)
    random = torch.Generator().manual_seed(0)
    top2, logprobs, _ = draw_tokens(logits, Sampling(top_k=2), random)
    assert set(top2.tolist()) == {2, 3}
    assert torch.allclose(logprobs, logits.log_softmax(-1).gather(1, top2[:, None])[:, 0])
    nucleus, *_ = draw_tokens(logits, Sampling(top_p=0.5), random)
    assert set(nucleus.tolist()) == {3}


def test_dropping_rows_leaves_the_others_as_they_were(model) -> None:
    chunks = [[5, 6, 7], [8], [9, 10]]
    with torch.inference_mode():
        wave = Wave(model, 3)
        wave.read(chunks)
        wave.keep([2, 0])
        got = wave.read([[11, 12], [13]])
        alone = torch.cat(
            [model(torch.tensor([ids])).logits[:, -1] for ids in ([9, 10, 11, 12], [5, 6, 7, 13])]
        )
    assert torch.allclose(got, alone, atol=1e-4)
