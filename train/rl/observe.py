"""Statistics of a generation for the journal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from reasonact_env.episode import Episode, Mode
from tasks.types import Task
from tools.counts import counted
from train.rl.credit import SAME
from train.rl.rollouts import Sample, is_dead
from train.scoring.stats import Ratio

RATES: Mapping[str, str] = {
    "calls/over": "over_call",
    "calls/failed": "bad_calls",
    "format/rate": "format_rate",
    "episodes/unfinished": "unfinished",
    "messages/cut": "messages_cut",
    "thought/rate": "thoughts",
    "thought/words": "thinking_words",
    "thought/facts": "thought_facts",
    "thought/grounded": "thought_grounded",
    "thought/rule": "thought_rule",
    "thought/agreement": "thought_agreement",
}
"""The journal's name -> the metric (`train.scoring.metrics`) whose mean it is."""


def observe(samples: Sequence[Sample], group: int) -> dict[str, float]:
    """All statistics of a generation.

    Args:
        samples: P prompts x G episodes, a prompt's next to each other.
        group: G.

    Returns:
        By name: `total/…` and each component's mean, std, dead, advantage; `length/…` in sampled
        tokens; `calls/…` with `rate` = share of messages that call, `due` = share of the groups
        that teach for whose decision the record calls, `over` = calls that are not in the goal or
        the recorded decision, `under` = those that are missing, `covariance` of calling and return
        inside groups; `…/pays` = the correlation of the return with length or number of calls,
        among episodes of a group that ended alike;
        `entropy` in nats a sampled token; `messages/cut` = share of messages that ran into the
        policy's limit of tokens.
    """
    lengths = [float(sum(sample.env_mask)) for sample in samples]
    calls, totals = [float(sample.calls) for sample in samples], [s.total for s in samples]
    alike = [(i // group, sample.success) for i, sample in enumerate(samples)]
    found = {
        **group_statistics(samples, group),
        "entropy": entropy(samples),
        "length/mean": sum(lengths) / len(lengths),
        "length/max": max(lengths),
        "length/clipped": sum(sample.clipped for sample in samples) / len(samples),
        "length/pays": follows(lengths, totals, alike),
        "messages/mean": sum(sample.messages for sample in samples) / len(samples),
        "calls/rate": sum(sample.calling for sample in samples)
        / max(1, sum(sample.messages for sample in samples)),
        "calls/due": due(samples, group),
        "calls/mean": sum(calls) / len(calls),
        "calls/covariance": call_covariance(samples, group),
        "calls/pays": follows(calls, totals, alike),
        **rates([sample.measures for sample in samples]),
    }
    return {name: value for name, value in found.items() if value is not None}


def due(samples: Sequence[Sample], group: int) -> float | None:
    """The share of single decisions for which the record calls, of those whose group teaches.

    A group teaches if its episodes earn different returns. None where no group of decisions does.
    """
    groups = [samples[i : i + group] for i in range(0, len(samples), group)]
    decided = [one for one in groups if one[0].decision is not None]
    teach = [one[0] for one in decided if not is_dead(one, raw=False)]
    return sum(one.components["tool"] is not None for one in teach) / len(teach) if teach else None


def call_covariance(samples: Sequence[Sample], group: int) -> float:
    """The covariance of the share of messages that call with the return, inside groups.

    It is below 0 where calls earn less than the replies of their group, above where they earn more.
    Summed over all groups it says whether a generation is rather for calling or for replying, and
    it moves with which decisions are drawn.
    """
    kinds = np.arange(len(samples)) // group
    calling = [sample.calling / max(1, sample.messages) for sample in samples]
    totals = [sample.total for sample in samples]
    return float((_departures(calling, kinds) * _departures(totals, kinds)).mean())


def entropy(samples: Sequence[Sample]) -> float | None:
    """The mean entropy, in nats, over all tokens that the policy sampled in these rows.

    TRL's own is of the tokens that the loss sees, and these depend on what has an advantage.
    """
    told = [sample for sample in samples if sample.entropies]
    count = sum(sum(sample.env_mask) for sample in told)
    if not count:
        return None
    return math.fsum(one for sample in told for one in sample.entropies) / count


def group_statistics(samples: Sequence[Sample], group: int) -> dict[str, float]:
    """The statistics by component: mean, spread, and share of the advantage.

    Args:
        samples: P prompts x G episodes, a prompt's episodes next to each other.
        group: G.

    Returns:
        For every component that applies: `mean` and `std` of its score, `dead` = share of the
        groups in which all episodes score the same, `advantage` = its share of the summed
        variance within groups, that is, of the advantage, and `tells` = its point-biserial
        correlation with success inside groups. `total` stands for the reward.
    """
    totals = np.array([sample.total for sample in samples])
    result = _spread("total", totals.reshape(-1, group)) | tells(samples, group)
    variances: dict[str, float] = {}
    for name in samples[0].components:
        rows = _rows(samples, group, name)
        if rows.size:
            result |= _spread(name, rows[..., 0])
            variances[name] = float(rows[..., 1].var(axis=1).sum())
    whole = sum(variances.values())
    shares = {f"{name}/advantage": part / whole for name, part in variances.items() if whole}
    return result | shares


def tells(samples: Sequence[Sample], group: int) -> dict[str, float]:
    """How well each component tells success from failure: `COMPONENT/tells`.

    The point-biserial correlation of the score with success, inside groups: both are taken as
    departures from their group's mean. 1 for a component that scores success alike and failure
    alike; 0 or less for one that rewards something else. A component is left out where it does not
    depart, or nothing succeeded where something failed.

    Args:
        samples: P prompts x G episodes, a prompt's episodes next to each other.
        group: G.
    """
    columns = {name: [one.components[name] for one in samples] for name in samples[0].components}
    columns["total"] = [one.total for one in samples]
    found: dict[str, float] = {}
    for name, column in columns.items():
        judged = [i for i, score in enumerate(column) if score is not None]
        scores, won = (
            [float(x) for x in part]
            for part in ([column[i] or 0.0 for i in judged], [samples[i].success for i in judged])
        )
        if judged and (r := follows(scores, won, [(i // group, 0) for i in judged])) is not None:
            found[f"{name}/tells"] = r
    return found


def _rows(samples: Sequence[Sample], group: int, name: str) -> np.ndarray:
    """(P, G, 2): score and weighted score of a component, for the groups to which it applies."""
    rows = [
        [(sample.components[name], sample.weighted[name]) for sample in samples[i : i + group]]
        for i in range(0, len(samples), group)
        if samples[i].components[name] is not None
    ]
    return np.array(rows, dtype=np.float64)


def _spread(name: str, rows: np.ndarray) -> dict[str, float]:
    return {
        f"{name}/mean": float(rows.mean()),
        f"{name}/std": float(rows.std()),
        f"{name}/dead": float((np.ptp(rows, axis=1) < SAME).mean()),
    }


def rates(measures: Sequence[Mapping[str, Ratio]]) -> dict[str, float]:
    """Means over the things that a metric counts: calls, messages, thoughts."""
    found = {name: _mean(measures, metric) for name, metric in RATES.items()}
    recall, missed = _mean(measures, "action_recall"), _mean(measures, "under_call")
    found["calls/under"] = 1 - recall if missed is None and recall is not None else missed
    return {name: value for name, value in found.items() if value is not None}


def follows(
    values: Sequence[float], totals: Sequence[float], alike: Sequence[tuple[int, float]]
) -> float | None:
    """The correlation of returns with a quantity, among otherwise similar episodes.

    Args:
        values: The quantity, for each episode.
        totals: The return of each episode.
        alike: The group and the outcome of each; episodes with equal ones are compared.

    Returns:
        The correlation of the deviations from the means of each kind; None if one of the two never
        deviates.

    >>> follows([1, 2, 5, 5], [0.1, 0.2, 0.7, 0.7], [(0, 0), (0, 0), (1, 0), (1, 0)])
    1.0
    """
    _, kinds = np.unique(np.asarray(alike, dtype=np.float64), axis=0, return_inverse=True)
    x, y = (_departures(each, kinds.ravel()) for each in (values, totals))
    spread = math.sqrt(float(x @ x) * float(y @ y))
    return round(float(x @ y) / spread, 12) if spread > SAME**2 else None


def _departures(values: Sequence[float], kinds: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Each value minus the mean of its kind."""
    sizes = np.maximum(1, np.bincount(kinds))
    means = np.bincount(kinds, weights=values) / sizes
    return np.asarray(values, dtype=np.float64) - means[kinds]


def episode_line(task: Task, episode: Episode) -> str:
    """An episode in one line: the request, the end, the return."""
    stop = episode.stop.value if episode.stop else "running"
    outcome = episode.outcome
    end = stop if outcome is None else "success" if outcome.success else f"failure, {stop}"
    asked = " ".join(task.user_turns[0].split()) if task.user_turns else ""
    count = len(episode.steps)
    many = counted(count, "message")
    if episode.mode is Mode.TURN:
        many = f"decision {episode.decision}"
    return f"{episode.task_id} · {many} · return {episode.total:.2f} · {end} · “{asked}”"


def _mean(measures: Sequence[Mapping[str, Ratio]], metric: str) -> float | None:
    parts = [part[metric] for part in measures if metric in part]
    below = sum(part[1] for part in parts)
    return sum(part[0] for part in parts) / below if below else None
