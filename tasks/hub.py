"""APIGen-MT from the Hugging Face hub."""

from __future__ import annotations

from functools import lru_cache

from tasks.apigen.reader import read_records
from tasks.types import TaskSet
from tools.jsontext import short
from tools.types import Json

HUB_NAME = "Salesforce/APIGen-MT-5k"
"""The data set's name on the Hugging Face hub."""
HUB_TIMEOUT = 10.0
"""The seconds to wait for the hub's first answer."""


@lru_cache(maxsize=1)
def read_hub() -> TaskSet:
    """The data set on the hub, loaded once.

    Raises:
        RuntimeError: if the hub does not deliver it.
    """
    return read_records(_from_hub(), None, source=f"hub:{HUB_NAME}", stem="apigen-mt_5k")


def _from_hub() -> list[Json]:
    """The hub's rows; gives up at once if the hub does not answer."""
    try:
        import datasets
        from huggingface_hub import HfApi

        if not datasets.config.HF_HUB_OFFLINE:  # offline, only earlier downloads can be read
            HfApi().dataset_info(HUB_NAME, timeout=HUB_TIMEOUT)
        return list(datasets.load_dataset(HUB_NAME, split="train"))
    except Exception as error:  # any error of the network, the hub or the licence gate
        raise RuntimeError(
            f"expected {HUB_NAME} from the Hugging Face hub, got {type(error).__name__}: "
            f"{short(str(error))}; run `pip install 'reasonact[train]'`, accept the licence "
            f"(CC-BY-NC-4.0) at https://huggingface.co/datasets/{HUB_NAME} and log in with "
            "`hf auth login`, or download apigen-mt_5k.json and pass its path as data"
        ) from error
