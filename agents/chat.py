"""A conversation as tokens: the one place that renders a chat template and encodes what comes out.

Text stays text. A tokenizer makes one token of `<|im_end|>` wherever it finds these letters, and a
record, a tool or a user may say them: the model would read the end of a turn that nobody ended. So
such a marker is cut in two before the template puts its own ones around it, and its halves are
encoded apart. Text without markers is encoded as ever.

What the policy samples begins right after the prompt, and is never encoded together with it. A
recorded message is cut off from what stands before and after it, too: it is the same tokens in a
row that is learned, in a history that is read, and in play.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import TypeAlias, cast

from tokenizers import AddedToken
from transformers import PreTrainedTokenizerBase
from transformers.utils.chat_template_utils import render_jinja_template

from tools.protocol import CALL, EMPTY_THOUGHT, END_CALL, END_THINK, THINK
from tools.types import Json, Role

Said: TypeAlias = Sequence[Mapping[str, str]]
"""Messages in the Hugging Face chat form."""
Tools: TypeAlias = "Sequence[Mapping[str, Json]]"
"""Tools in the OpenAI function envelope."""

KEPT = 512
"""Encoded pieces that are kept: in turn mode each prompt repeats the one before. Chosen by hand."""
PRIVATE = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))
"""Code points without a meaning, of which one that nobody uses marks where a marker is cut."""
_OWN_TAGS = re.compile("|".join(map(re.escape, (THINK, END_THINK, CALL, END_CALL))))
_SAID = re.compile(r"\{%-?\s*generation\s*-?%\}")
"""How a template marks what an assistant says."""
_MARKUP = re.compile("<.*>", re.DOTALL)


class Chat:
    """A tokenizer with its chat template."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        """Reads off the template what ends a turn.

        Args:
            tokenizer: With a chat template; for `row` it marks what the assistant says.

        Raises:
            ValueError: if what ends a turn is no token.
        """
        self.tokenizer = tokenizer
        self.end = turn_end(tokenizer)
        """What ends a turn; the tokenizer's own eos may be another one."""
        self.end_id = cast("int", tokenizer.convert_tokens_to_ids(self.end))
        """Its token."""
        markers = [token.content for token in _added(tokenizer) if _is_marker(token)]
        self._markers = _Markers(markers)
        # An assistant's own tags are no text in its messages: it writes them as tokens.
        self._foreign = _Markers(one for one in markers if _OWN_TAGS.sub("", one).strip())
        self._encode = lru_cache(KEPT)(self._encoded)

    def opening(self, messages: Said, tools: Tools, *, thinking: bool) -> list[int]:
        """All that was said, up to the assistant's next word.

        Args:
            messages: The conversation.
            tools: Those on offer.
            thinking: Whether the assistant opens its message with a thought; if not, the template
                puts an empty one before it.
        """
        pieces, cut = self._pieces(messages, tools, prompt=True, enable_thinking=thinking)
        return [one for text, _ in pieces for one in self._tokens(text, cut)]

    def appends(self, *, thinking: bool) -> bool:
        """Whether the template only ever appends to what it has rendered before.

        TRL's training variant of Qwen3's does. The stock one takes the thoughts out of earlier
        messages, empty ones too, so that a conversation is read anew before each message.

        Args:
            thinking: As for `opening`.
        """
        asked = [{"role": "user", "content": "u"}]
        went_on = [*asked, {"role": "assistant", "content": "x"}, {"role": "user", "content": "v"}]
        before, after = (
            self._rendered(said, (), add_generation_prompt=True, enable_thinking=thinking)[0]
            for said in (asked, went_on)
        )
        return after.startswith(f"{before}x")

    def news(self, messages: Said, *, thinking: bool, ended: bool) -> list[int]:
        """What stands between the assistant's last word and its next one.

        Args:
            messages: What others said since.
            thinking: As for `opening`.
            ended: Whether the assistant ended its turn itself.
        """
        before = [{"role": "user", "content": "u"}, {"role": "assistant", "content": "x"}]
        said, _, cut = self._rendered(
            [*before, *messages], (), add_generation_prompt=True, enable_thinking=thinking
        )
        after = said.split(f"x{self.end}", 1)[1]
        return self._tokens(after if ended else self.end + after, cut)

    def row(self, messages: Said, tools: Tools) -> tuple[list[int], list[int]]:
        """A conversation's tokens, and 1 for those that an assistant writes when it plays.

        These are its words and the end of its turn. An empty thought is not among them: a policy
        that does not think finds it in its prompt. If it learned it, it would learn that a thought
        ends where it begins, and a cold start would have to undo that.

        Raises:
            ValueError: if the template does not mark what an assistant says.
        """
        if not _SAID.search(cast("str", self.tokenizer.chat_template)):
            raise ValueError(
                "expected a chat template that marks what the assistant says by {% generation %}, "
                "got one without: nothing could be learned; set "
                "train.models.tokenizer.with_training_template"
            )
        pieces, cut = self._pieces(messages, tools)
        ids: list[int] = []
        mask: list[int] = []
        for text, said in pieces:
            tokens = self._tokens(text, cut)
            ids += tokens
            mask += [int(said)] * len(tokens)
        return ids, mask

    def text(self, ids: Sequence[int]) -> str:
        """What an assistant said, without the end of its turn."""
        said = list(ids[:-1] if ids and ids[-1] == self.end_id else ids)
        return cast("str", self.tokenizer.decode(said, skip_special_tokens=True)).strip()

    def _pieces(
        self, messages: Said, tools: Tools, *, prompt: bool = False, **options: bool
    ) -> tuple[list[tuple[str, bool]], str]:
        """What is encoded apart, with whether an assistant said it, and where markers are cut."""
        text, spans, cut = self._rendered(messages, tools, add_generation_prompt=prompt, **options)
        pieces: list[tuple[str, bool]] = []
        position = 0
        for start, stop in spans:
            begin = start + len(EMPTY_THOUGHT) * text.startswith(EMPTY_THOUGHT, start)
            # Play stops at the end of a turn: nobody samples the line break that follows it.
            end = text.find(self.end, begin)
            end = stop if end < 0 else end + len(self.end)
            pieces += [(text[position:begin], False), (text[begin:end], True)]
            position = end
        return [*pieces, (text[position:], False)], cut

    def _rendered(
        self, messages: Said, tools: Tools, **options: bool
    ) -> tuple[str, list[tuple[int, int]], str]:
        """The template's text, where an assistant's turns stand in it, and where markers are cut.

        The cuts are a character that nobody uses; "" if there are none.
        """
        cut = self._cut(messages, tools)
        if cut:
            messages, tools = self._safe(messages, tools, cut)
        template = cast("str", self.tokenizer.chat_template)
        (text,), spans = render_jinja_template(
            [messages],
            tools=list(tools) or None,
            chat_template=template,
            return_assistant_tokens_mask=bool(_SAID.search(template)),
            **self.tokenizer.special_tokens_map,
            **options,
        )
        return text, [*spans[0]] if spans else [], cut

    def _cut(self, messages: Said, tools: Tools) -> str:
        """A character that stands in no text, if there is a marker to cut; else ""."""
        told = list(_texts(tools))
        in_messages = (self._of(one["role"]).found(one["content"]) for one in messages)
        if not any(in_messages) and not any(map(self._markers.found, told)):
            return ""
        used = set().union(*told, *(message["content"] for message in messages))
        return next(chr(point) for point in chain(*PRIVATE) if chr(point) not in used)

    def _safe(self, messages: Said, tools: Tools, cut: str) -> tuple[Said, Tools]:
        """The same, with a cut after the first character of each marker."""
        safe = [
            {**one, "content": self._of(one["role"]).cut(one["content"], cut)} for one in messages
        ]
        return safe, cast("Tools", _changed(tools, lambda text: self._markers.cut(text, cut)))

    def _of(self, role: str) -> _Markers:
        """The markers that are no text in a message."""
        return self._foreign if role == Role.ASSISTANT else self._markers

    def _tokens(self, text: str, cut: str) -> list[int]:
        parts = text.split(cut) if cut else [text]
        return [one for part in parts if part for one in self._encode(part)]

    def _encoded(self, text: str) -> array[int]:
        return array("I", self.tokenizer.encode(text, add_special_tokens=False))


def turn_end(tokenizer: PreTrainedTokenizerBase) -> str:
    """What a tokenizer's template puts after an assistant's message.

    Raises:
        ValueError: if that is not a token of its own.
    """
    said = [{"role": "user", "content": "u"}, {"role": "assistant", "content": "REPLY"}]
    text = cast("str", tokenizer.apply_chat_template(said, tokenize=False))
    after = text.rpartition("REPLY")[2]
    added = [token.content for token in _added(tokenizer) if after.startswith(token.content)]
    if not added:
        raise ValueError(
            f"expected a tokenizer in which {after.strip()!r}, with which the chat template ends a "
            "turn, is a token of its own, got one that splits it; start from a model of the Qwen "
            "family, or add the token to tokenizer and embeddings first"
        )
    return max(added, key=len)


def _added(tokenizer: PreTrainedTokenizerBase) -> Iterable[AddedToken]:
    return cast("dict[int, AddedToken]", tokenizer.added_tokens_decoder).values()


def _is_marker(token: AddedToken) -> bool:
    """Whether a token of its own is no text: blanks and words may be such tokens, too."""
    content = token.content
    return len(content) > 1 and bool(token.special or _MARKUP.search(content))


class _Markers:
    """Some markers, and the way to cut them in two."""

    def __init__(self, contents: Iterable[str]) -> None:
        one = "|".join(map(re.escape, sorted(contents, key=len, reverse=True))) or "(?!)"
        # Apart, since the first is fast, and the second also sees a marker that begins in another.
        self._any, self._starts = re.compile(one), re.compile(rf"(?=(?:{one}))(.)", re.DOTALL)

    def found(self, text: str) -> bool:
        """Whether there is one."""
        return self._any.search(text) is not None

    def cut(self, text: str, by: str) -> str:
        """The text with something put behind the first character of each."""
        return self._starts.sub(lambda match: match[1] + by, text) if self.found(text) else text


def _texts(value: object) -> Iterable[str]:
    """All texts in a JSON value, keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _changed(value: object, change: Callable[[str], str]) -> object:
    """A JSON value with all texts changed, keys among them."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {change(key): _changed(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_changed(inner, change) for inner in value]
    return value
