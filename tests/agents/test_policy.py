"""The policy against the environment: its tokens are what the template would have written."""

from collections.abc import Iterator

import pytest
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from agents.generation import Drawn, Sampling
from agents.play import Played, play
from agents.policy import Policy, Trail, trail_of
from reasonact_env.agent import Session
from tasks.load import load_tasks
from train.model import tiny_model
from train.profiles import TinyModel
from train.tokenizer import train_tokenizer

DATA = "desk:30"
ENV = {"mode": "dialogue", "split": "all", "data": DATA, "max_turns": 7}
SHAPE = TinyModel(layers=2, hidden=32, heads=2, vocabulary=420, context=4_096)
GREEDY = Sampling(temperature=0, max_new_tokens=9)
SAMPLED = Sampling(temperature=1.0, max_new_tokens=14)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    return train_tokenizer(load_tasks(DATA).tasks, SHAPE.vocabulary)


@pytest.fixture(scope="module")
def model(tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
    return tiny_model(SHAPE, tokenizer, seed=1).eval()


@pytest.fixture(scope="module")
def sampled(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> list[Played]:
    return list(played(Policy(model, tokenizer, SAMPLED, seed=5)))


def played(policy: Policy, count: int = 6, batch: int = 4) -> Iterator[Played]:
    wanted = [(task.id, None) for task in load_tasks(DATA).tasks[:count]]
    return play(ENV, policy, wanted, batch_size=batch)


def test_lists_of_a_trail_run_along_each_other(sampled: list[Played]) -> None:
    for trail in map(trail_of, sampled):
        assert len(trail.completion_ids) == len(trail.mask) == len(trail.logprobs)
        assert trail.mask[0] == trail.mask[-1] == 1
        assert all(p <= 0 for p in trail.logprobs)
        assert all(not p for p, m in zip(trail.logprobs, trail.mask, strict=True) if not m)


def test_greedy_equals_the_library(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    for trail in map(trail_of, played(Policy(model, tokenizer, GREEDY))):
        for start, end in sampled_spans(trail):
            prompt = torch.tensor([trail.ids[:start]])
            whole = model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=GREEDY.max_new_tokens,
                do_sample=False,
            )
            assert whole[0, start:].tolist() == trail.ids[start:end]


def test_logprobs_equal_a_fresh_forward(model: PreTrainedModel, sampled: list[Played]) -> None:
    for trail in map(trail_of, sampled):
        with torch.inference_mode():
            logprobs = model(torch.tensor([trail.ids])).logits[0].float().log_softmax(-1)
        for start, end in sampled_spans(trail):
            fresh = [float(logprobs[i - 1, trail.ids[i]]) for i in range(start, end)]
            begin = len(trail.prompt_ids)
            assert trail.logprobs[start - begin : end - begin] == pytest.approx(fresh, abs=2e-5)


def test_tokens_are_those_of_the_rendered_conversation(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    """What is added turn by turn equals the whole, encoded at once."""
    task = next(t for t in load_tasks(DATA).tasks if len(t.user_turns) > 1)
    opening = len(task.opening)
    messages = [message.as_dict() for message in task.messages]
    tools = [spec.as_dict() for spec in task.tools]
    policy = Policy(model, tokenizer, GREEDY)
    session = Session({"messages": messages[:opening], "tools": tools}, {})
    said = [i for i in range(opening, len(messages)) if messages[i]["role"] == "assistant"]
    for place in said:
        session.observation = {"messages": messages[:place], "tools": tools}
        assert policy._listen(session).ids == render(tokenizer, messages[:place], tools)
        trail = session.memory["trail"]
        assert isinstance(trail, Trail)
        ids = tokenizer.encode(messages[place]["content"], add_special_tokens=False)
        ids.append(tokenizer.eos_token_id)
        trail.say(Drawn(ids, [0.0] * len(ids)), messages[place]["content"])
    assert len(said) > 3


def test_environment_hears_the_decoded_tokens(
    tokenizer: PreTrainedTokenizerBase, sampled: list[Played]
) -> None:
    for one in sampled:
        trail = trail_of(one)
        actions = [step.action for step in one.episode.steps]
        assert trail.texts == actions
        for action, (start, end) in zip(actions, sampled_spans(trail), strict=True):
            ids = trail.ids[start:end]
            text = tokenizer.decode([i for i in ids if i != tokenizer.eos_token_id])
            assert action == without_specials(tokenizer, text).strip()


def test_waves_of_any_size_play_the_same_greedy_episodes(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    alone = [trail_of(one).ids for one in played(Policy(model, tokenizer, GREEDY), batch=1)]
    together = [trail_of(one).ids for one in played(Policy(model, tokenizer, GREEDY), batch=6)]
    assert alone == together


def test_same_seed_same_episodes(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, sampled: list[Played]
) -> None:
    again = list(played(Policy(model, tokenizer, SAMPLED, seed=5)))
    other = list(played(Policy(model, tokenizer, SAMPLED, seed=6)))
    assert [one.episode for one in again] == [one.episode for one in sampled]
    assert [one.episode for one in other] != [one.episode for one in sampled]


def test_a_mixed_up_batch_is_read_anew(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    """The cache only helps: sessions that join or change places change nothing."""
    task = load_tasks(DATA).tasks[0]
    messages = [message.as_dict() for message in task.opening]
    tools = [spec.as_dict() for spec in task.tools]

    def fresh() -> Session:
        return Session({"messages": list(messages), "tools": tools}, {})

    def answer(session: Session, text: str) -> None:
        more = [{"role": "assistant", "content": text}, {"role": "user", "content": "And?"}]
        session.observation["messages"] += more

    policy, first, second = Policy(model, tokenizer, GREEDY), fresh(), fresh()
    answer(first, policy.act([first])[0])
    mixed = policy.act([second, first])
    lonely, other = Policy(model, tokenizer, GREEDY), fresh()
    answer(other, lonely.act([other])[0])
    assert mixed[1] == lonely.act([other])[0]
    assert mixed[0] == Policy(model, tokenizer, GREEDY).act([fresh()])[0]


def test_turn_mode_begins_anew_at_each_decision(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    task = load_tasks(DATA).tasks[0]
    env = {**ENV, "mode": "turn", "max_turns": None}
    last = len(task.decisions) - 1
    whole, single = (
        trail_of(next(iter(play(env, Policy(model, tokenizer, GREEDY), [(task.id, decision)]))))
        for decision in (None, last)
    )
    assert whole.ids == single.ids
    assert len(whole.texts) == 1


def test_policy_falls_silent_where_the_context_ends(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    task = load_tasks(DATA).tasks[0]
    prompt = len(
        render(tokenizer, [m.as_dict() for m in task.opening], [t.as_dict() for t in task.tools])
    )
    limit = prompt + 2 * SAMPLED.max_new_tokens
    policy = Policy(model, tokenizer, SAMPLED, max_context=limit)
    one = next(iter(play(ENV, policy, [(task.id, None)])))
    assert one.episode.steps[0].action
    assert one.episode.steps[-1].action == ""
    assert len(trail_of(one).prompt_ids) + sum(trail_of(one).mask) <= limit


def test_thinking_leaves_the_thought_to_the_model(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    plain, thinking = (
        trail_of(next(played(Policy(model, tokenizer, GREEDY, thinking=on), count=1)))
        for on in (False, True)
    )
    empty = tokenizer.encode("<think>\n\n</think>\n\n", add_special_tokens=False)
    assert plain.prompt_ids == thinking.prompt_ids + empty


def render(
    tokenizer: PreTrainedTokenizerBase, messages: list[dict[str, str]], tools: list[object]
) -> list[int]:
    text = tokenizer.apply_chat_template(
        messages, tools=tools, add_generation_prompt=True, enable_thinking=False, tokenize=False
    )
    return tokenizer.encode(text, add_special_tokens=False)


def sampled_spans(trail: Trail) -> list[tuple[int, int]]:
    """Where the policy's messages stand in `trail.ids`: runs of sampled tokens."""
    spans, begin = [], None
    for i, sampled in enumerate([*trail.mask, 0]):
        if sampled and begin is None:
            begin = i
        elif not sampled and begin is not None:
            spans.append((len(trail.prompt_ids) + begin, len(trail.prompt_ids) + i))
            begin = None
    return spans


def without_specials(tokenizer: PreTrainedTokenizerBase, text: str) -> str:
    for special in tokenizer.all_special_tokens:
        text = text.replace(special, "")
    return text
