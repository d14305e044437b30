"""The kept cache must be invisible: same tokens and logprobs as reading everything anew."""

import pytest
import torch
from transformers import (
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from agents.beginning import can_share
from agents.cache import beginnings
from agents.generation import Wave
from agents.sampling import Completion, Sampling, draw_tokens

VOCABULARY, END = 61, 0
GREEDY = Sampling(temperature=0, max_new_tokens=7)


@pytest.fixture(scope="module")
def model() -> PreTrainedModel:
    torch.manual_seed(3)
    config = Qwen3Config(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=512,
        initializer_range=0.3,
        tie_word_embeddings=True,
        eos_token_id=END,
        pad_token_id=END,
        bos_token_id=None,
    )
    return Qwen3ForCausalLM(config).eval()


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def chunk(length: int, seed: int) -> list[int]:
    return torch.randint(1, VOCABULARY, (length,), generator=rng(seed)).tolist()


def converse(
    model: PreTrainedModel, rounds: list[list[list[int]]], sampling: Sampling
) -> tuple[list[list[int]], list[list[tuple[int, Completion]]]]:
    """Plays ragged rounds of new tokens; returns all tokens, and (place, token) of the sampled."""
    wave, random = Wave(model, len(rounds[0])), rng()
    histories: list[list[int]] = [[] for _ in rounds[0]]
    spoken: list[list[tuple[int, Completion]]] = [[] for _ in rounds[0]]
    unread: list[list[int]] = [[] for _ in rounds[0]]
    with torch.inference_mode():
        for chunks in rounds:
            for history, waiting, new in zip(histories, unread, chunks, strict=True):
                history += new
                waiting += new
            sampled = wave.draw(wave.read(unread), sampling, END, random)
            for row, one in enumerate(sampled):
                spoken[row].append((len(histories[row]), one))
                histories[row] += one.ids
                unread[row] = [one.ids[-1]]
    return histories, spoken


ROUNDS = [
    [chunk(5, 1), chunk(1, 2), chunk(17, 3)],
    [chunk(2, 4), chunk(9, 5), chunk(1, 6)],
    [chunk(8, 7), chunk(3, 8), chunk(4, 9)],
]


def test_greedy_equals_the_library(model: PreTrainedModel) -> None:
    histories, spoken = converse(model, ROUNDS, GREEDY)
    for history, messages in zip(histories, spoken, strict=True):
        for start, one in messages:
            prompt = torch.tensor([history[:start]])
            whole = model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=7,
                do_sample=False,
            )
            assert whole[0, start:].tolist() == one.ids


ALIKE = [
    [chunk(20, 31) + one for one in (chunk(5, 1), chunk(1, 2), chunk(17, 3), chunk(5, 1))],
    [chunk(2, 4), chunk(9, 5), chunk(1, 6), chunk(3, 7)],
    [chunk(8, 7), chunk(3, 8), chunk(4, 9), chunk(2, 4)],
]
"""Rows that begin alike, two of them with the same first chunk."""
UNEVEN = [
    [chunk(6 + n, 41 + n) for n in range(8)],
    [chunk(40 if n in (2, 5) else 2 + n % 3, 51 + n) for n in range(8)],
    [chunk(70 if n == 4 else 3, 61 + n) for n in range(8)],
]
"""Rounds in which a few rows hear much more than the others."""

PROMPTS = [chunk(20, 31) + chunk(n, 90 + n) for n in (5, 1, 17)]
IN_GROUPS = [
    [PROMPTS[n] for n in (0, 2, 1, 0, 0, 2, 0, 1, 0)],
    [chunk(30 if n == 4 else 1 + n % 4, 71 + n) for n in range(9)],
    [chunk(2 + n % 3, 81 + n) for n in range(9)],
]
"""Rows of three groups, of different sizes and in no order."""
APART = [[one[20:] for one in IN_GROUPS[0]], *IN_GROUPS[1:]]
"""The same where groups have nothing in common."""


def without_sharing() -> PreTrainedModel:
    """A model whose rows get copies of what they begin with."""
    torch.manual_seed(4)
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8}
    rest = {"initializer_range": 0.3, "pad_token_id": END, "attention_dropout": 0.5}
    rest |= {"sliding_window": None}
    config = MistralConfig(vocab_size=VOCABULARY, **sizes, **heads, **rest)
    return MistralForCausalLM(config).eval()


@pytest.mark.parametrize("rounds", [ROUNDS, ALIKE, UNEVEN, IN_GROUPS, APART])
@pytest.mark.parametrize("temperature", [0.7, 1.6])
@pytest.mark.parametrize("shares", [True, False])
def test_logprobs_equal_a_fresh_forward(
    model: PreTrainedModel, rounds: list[list[list[int]]], temperature: float, shares: bool
) -> None:
    model = model if shares else without_sharing()
    assert can_share(model) == shares
    sampling = Sampling(temperature=temperature, max_new_tokens=11)
    histories, spoken = converse(model, rounds, sampling)
    for history, messages in zip(histories, spoken, strict=True):
        with torch.inference_mode():
            logits = model(torch.tensor([history])).logits[0].float()
        expected = (logits / temperature).log_softmax(-1)
        for start, one in messages:
            fresh = [float(expected[start + i - 1, token]) for i, token in enumerate(one.ids)]
            assert one.logprobs == pytest.approx(fresh, abs=2e-5)


def test_a_message_ends_with_its_first_end_token_or_at_the_limit(model: PreTrainedModel) -> None:
    _, spoken = converse(model, ROUNDS * 6, Sampling(max_new_tokens=30))
    messages = [one for row in spoken for _, one in row]
    assert all(END not in one.ids[:-1] for one in messages)
    assert all(one.ids[-1] == END or len(one.ids) == 30 for one in messages)
    assert {one.ids[-1] == END for one in messages} == {True, False}


def test_dropped_rows_leave_the_others_as_they_were(model: PreTrainedModel) -> None:
    first = [chunk(6, 11), chunk(12, 12), chunk(3, 13), chunk(9, 14)]
    second = [chunk(4, 21), chunk(2, 22)]
    wave = Wave(model, 4)
    with torch.inference_mode():
        sampled = wave.draw(wave.read(first), GREEDY, END, rng())
        wave.keep([3, 1])
        news = [[sampled[3].ids[-1], *second[0]], [sampled[1].ids[-1], *second[1]]]
        logits = wave.read(news)
        for row, (old, new) in enumerate(zip((3, 1), second, strict=True)):
            ids = torch.tensor([first[old] + sampled[old].ids + new])
            torch.testing.assert_close(logits[row], model(ids).logits[0, -1], atol=2e-5, rtol=0)


def test_holes_are_squeezed_out_without_a_trace(model: PreTrainedModel) -> None:
    """Else rows that are long in turns would make the cache as wide as their sum."""
    wave, said = Wave(model, 3), [[], [], []]
    with torch.inference_mode():
        for number in range(9):
            lengths = [20 if number % 3 == row else 1 for row in range(3)]
            news = [chunk(n, 40 + 3 * number + row) for row, n in enumerate(lengths)]
            for one, new in zip(said, news, strict=True):
                one += new
            wave.keep(range(3))
            logits = wave.read(news)
            assert wave.width <= 1.2 * max(map(len, said)) + 20
            for row, ids in enumerate(said):
                fresh = model(torch.tensor([ids])).logits[0, -1]
                torch.testing.assert_close(logits[row], fresh, atol=2e-5, rtol=0)
    assert wave.width < 9 * 20


def test_keeping_all_rows_changes_nothing(model: PreTrainedModel) -> None:
    wave, other = Wave(model, 2), Wave(model, 2)
    with torch.inference_mode():
        for one in (wave, other):
            one.read([chunk(3, 1), chunk(5, 2)])
        wave.keep([0, 1])
        news = [chunk(2, 3), chunk(1, 4)]
        assert torch.equal(wave.read(news), other.read(news))


def test_same_seed_same_tokens(model: PreTrainedModel) -> None:
    sampling = Sampling(max_new_tokens=9)
    assert converse(model, ROUNDS, sampling)[0] == converse(model, ROUNDS, sampling)[0]


LOGITS = torch.tensor([[3.0, 2.0, 1.0, 0.0, -1.0]])


@pytest.mark.parametrize(
    ("sampling", "allowed"),
    [
        (Sampling(), {0, 1, 2, 3, 4}),
        (Sampling(temperature=0), {0}),
        (Sampling(top_k=2), {0, 1}),
        (Sampling(top_p=0.01), {0}),
        (Sampling(top_p=0.64), {0, 1}),
        (Sampling(top_k=3, top_p=0.99), {0, 1, 2}),
        (Sampling(top_k=50), {0, 1, 2, 3, 4}),
    ],
)
def test_only_the_likeliest_are_sampled(sampling: Sampling, allowed: set[int]) -> None:
    tokens, *_ = draw_tokens(LOGITS.expand(4_000, -1), sampling, rng())
    assert set(tokens.tolist()) == allowed


def test_frequencies_follow_the_temperature() -> None:
    tokens, *_ = draw_tokens(LOGITS.expand(40_000, -1), Sampling(temperature=2.0), rng())
    seen = torch.bincount(tokens, minlength=5) / len(tokens)
    torch.testing.assert_close(seen, (LOGITS[0] / 2).softmax(-1), atol=0.01, rtol=0)


def test_logprobs_are_those_before_restriction() -> None:
    tokens, logprobs, _ = draw_tokens(LOGITS, Sampling(temperature=0.5, top_k=1), rng())
    assert tokens.tolist() == [0]
    torch.testing.assert_close(logprobs, (LOGITS / 0.5).log_softmax(-1)[:, 0])


@pytest.mark.parametrize(
    ("one", "other", "tokens"),
    [
        (chunk(11, 61), chunk(4, 62), [2 * 11]),  # nothing in common
        (chunk(9, 63) + [1, 2], chunk(9, 63) + [2], [9, 2 * 2]),
        (chunk(9, 63), chunk(9, 63)[:5], [4, 2 * 5]),  # one goes on where the other ends
        (chunk(9, 63), chunk(9, 63), [8, 1]),
    ],
)
def test_what_rows_begin_with_is_read_once_and_each_goes_on_alone(
    model: PreTrainedModel, one: list[int], other: list[int], tokens: list[int]
) -> None:
    first = [one, other, one, one]
    read: list[int] = []
    hook = model.register_forward_pre_hook(
        lambda module, args, kwargs: read.append(kwargs["input_ids"].numel()), with_kwargs=True
    )
    wave, second = Wave(model, 4), [chunk(n, 70 + n) for n in (3, 1, 5, 2)]
    with torch.inference_mode():
        with hook:
            logits = [wave.read(first)]
        logits.append(wave.read(second))
        assert read == tokens
        for row in range(4):
            fresh = model(torch.tensor([first[row] + second[row]])).logits[0]
            for place, found in zip((len(first[row]) - 1, -1), logits, strict=True):
                torch.testing.assert_close(found[row], fresh[place], atol=2e-5, rtol=0)


def test_a_shared_beginning_is_kept_once(model: PreTrainedModel) -> None:
    wave = Wave(model, 4)
    with torch.inference_mode():
        wave.read(ALIKE[0])
        wave.draw(wave.read(ALIKE[1]), GREEDY, END, rng())
    assert wave.kept_once.tolist() == [20] * 4
    assert wave.width < 20 + 17
    for one in beginnings(wave._cache).values():
        assert one.keys.shape == one.values.shape == (1, 2, 20, 8)
    assert model.config._attn_implementation == "sdpa"  # as it was


def test_what_a_group_begins_with_is_kept_once(model: PreTrainedModel) -> None:
    wave = Wave(model, 9)
    with torch.inference_mode():
        wave.read(IN_GROUPS[0])
    assert wave.kept_once.tolist() == [len(one) for one in IN_GROUPS[0]]
    assert wave.width == 0
    for one in beginnings(wave._cache).values():
        assert one.keys.shape == one.values.shape == (3, 2, 37, 8)


def test_rows_of_groups_can_be_dropped(model: PreTrainedModel) -> None:
    """All of one group, and some of the others."""
    kept, second = [5, 0, 6], [chunk(4, 21), chunk(2, 22), chunk(3, 23)]
    wave = Wave(model, 9)
    with torch.inference_mode():
        sampled = wave.draw(wave.read(IN_GROUPS[0]), GREEDY, END, rng())
        wave.keep(kept)
        logits = wave.read(
            [[sampled[row].ids[-1], *new] for row, new in zip(kept, second, strict=True)]
        )
        wave.keep([2, 0])
        again = wave.read([[7], [8]])
        for place, (row, new) in enumerate(zip(kept, second, strict=True)):
            ids = IN_GROUPS[0][row] + sampled[row].ids + new
            fresh = model(torch.tensor([ids])).logits[0, -1]
            torch.testing.assert_close(logits[place], fresh, atol=2e-5, rtol=0)
            if place != 1:
                last = model(torch.tensor([[*ids, 7 if place == 2 else 8]])).logits[0, -1]
                torch.testing.assert_close(again[0 if place == 2 else 1], last, atol=2e-5, rtol=0)


@pytest.mark.parametrize("order", [[1, 0, 2], [2, 1, 0], [0, 1, 2], [1, 2, 0]])
def test_rows_come_in_the_order_asked_for(model: PreTrainedModel, order: list[int]) -> None:
    first, second = [chunk(6, 81 + n) for n in range(3)], [chunk(3, 91 + n) for n in range(3)]
    wave = Wave(model, 3)
    with torch.inference_mode():
        wave.read(first)
        wave.keep(order)
        found = wave.read(second)
        for place, row in enumerate(order):
            fresh = model(torch.tensor([first[row] + second[place]])).logits[0, -1]
            torch.testing.assert_close(found[place], fresh, atol=2e-5, rtol=0)


def test_what_few_rows_hear_more_is_read_apart(model: PreTrainedModel) -> None:
    read: list[int] = []
    hook = model.register_forward_pre_hook(
        lambda module, args, kwargs: read.append(kwargs["input_ids"].numel()), with_kwargs=True
    )
    wave = Wave(model, 8)
    with torch.inference_mode(), hook:
        wave.read(UNEVEN[0])
        read.clear()
        wave.read(UNEVEN[1])
    assert sum(read) < 0.5 * 8 * 40


def test_the_last_speakers_go_on_among_themselves(
    model: PreTrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The messages are the same with and without them, and the next round builds on them."""
    rounds = [[chunk(3 + row, 40 + 9 * turn + row) for row in range(8)] for turn in range(3)]
    sampling = Sampling(temperature=1.0, max_new_tokens=12)
    sizes: list[int] = []
    forward = Wave._forward

    def counted(wave: Wave, ids: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        sizes.append(len(ids))
        return forward(wave, ids, real)

    monkeypatch.setattr(Wave, "_forward", counted)
    monkeypatch.setattr("agents.generation.draw_tokens", likely_or_end)
    together, alone = [], []
    for few, found in ((0.0, together), (0.5, alone)):
        monkeypatch.setattr("agents.generation.FEW", few)
        found += converse(model, rounds, sampling)
        assert (min(sizes) < 8) == (few > 0)
    assert together[0] == alone[0]
    for one, other in zip(together[1], alone[1], strict=True):
        for (_, sampled), (_, same) in zip(one, other, strict=True):
            assert sampled.logprobs == pytest.approx(same.logprobs, abs=1e-4)
    lengths = {len(sampled.ids) for row in alone[1] for _, sampled in row}
    assert len(lengths) > 3


def likely_or_end(
    logits: torch.Tensor, sampling: Sampling, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The likeliest token, or the end where that is one of every fifth."""
    tokens = logits.argmax(-1)
    tokens = torch.where(tokens % 5 == 0, END, tokens)
    logprobs = logits.log_softmax(-1).gather(1, tokens[:, None])[:, 0]
    return tokens, logprobs, -logprobs
