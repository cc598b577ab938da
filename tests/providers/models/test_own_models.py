from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from src.cli.app import known_models
from src.config.loader import load_settings
from src.errors import ConfigError
from src.providers import PROVIDERS
from src.providers.models.catalog import use_models
from src.providers.validation.row_checks import CheckTask
from src.providers.validation.workers.worker_pool import CheckPool


@pytest.fixture(autouse=True)
def _shipped_models_again() -> Iterator[None]:
    yield
    use_models({})


def take_up(tmp_path: Path, yaml: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"provider: openai\nmodel: gpt-4o\nmodels:\n{yaml}", encoding="utf-8")
    load_settings(path, known_models)


def test_a_new_model_takes_the_figures_of_the_one_it_is_like(tmp_path: Path) -> None:
    take_up(tmp_path, "  openai: [{id: my-model, like: gpt-4o, max_tokens_per_example: 8192}]\n")
    facts = PROVIDERS["openai"].facts("my-model")
    assert (facts.max_tokens_per_example, facts.min_examples, facts.tokenizer) == (8192, 10, "o200k_base")
    assert facts.sources["max_tokens_per_example"] == "config" and facts.sources["min_examples"] != "config"
    assert PROVIDERS["openai"].card.sources["config"].kind == "user"


def test_a_new_model_that_is_like_none_has_no_invented_figures(tmp_path: Path) -> None:
    take_up(tmp_path, "  llama: [{id: qwen, tokenizer: o200k_base}]\n")
    facts = PROVIDERS["llama"].facts("qwen")
    assert (facts.max_tokens_per_example, facts.min_examples, facts.usd_per_1m_train) == (None, None, None)


def test_figures_of_a_known_model_are_changed_in_its_place(tmp_path: Path) -> None:
    before = PROVIDERS["openai"].get_models()
    take_up(tmp_path, "  openai: [{id: gpt-4o, min_examples: 50, status: retired}]\n")
    facts = PROVIDERS["openai"].facts("gpt-4o")
    assert (facts.id, facts.min_examples, facts.lifecycle.status) == (before[0], 50, "retired")
    assert PROVIDERS["openai"].get_models() == before


def test_an_own_model_may_be_the_models_target(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("provider: openai\nmodel: mine\nmodels: {openai: [{id: mine, like: gpt-4o}]}\n", encoding="utf-8")
    assert load_settings(path, known_models).model == "mine"


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("  openai: [{id: mine}]\n", "say which model it is `like`"),
        ("  openai: [{id: mine, like: gpt-5o}]\n", "did you mean 'gpt-4o"),
        ("  openai: [{id: mine, tokenizer: o200k}]\n", "did you mean 'o200k_base'"),
        ("  openai: [{id: mine, like: gpt-4o, formats: [openai-chatt]}]\n", "did you mean 'openai-chat'"),
        ("  openai: [{id: mine, like: gpt-4o, min_examples: 0}]\n", "models.openai.0.min_examples"),
        ("  openai: [{id: mine, like: gpt-4o, max_tokens: 5}]\n", "models.openai.0.max_tokens: unknown key"),
        ("  openia: [{id: mine, like: gpt-4o}]\n", "models"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tmp_path: Path, yaml: str, said: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        take_up(tmp_path, yaml)
    assert said in str(refusal.value)


def test_the_processes_that_check_a_large_file_know_the_users_models(tmp_path: Path) -> None:
    take_up(tmp_path, "  openai: [{id: mine, like: gpt-4o, max_tokens_per_example: 4, longer_examples: rejected}]\n")
    row = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}\n'
    (tmp_path / "train.jsonl").write_bytes(row * 4)
    with CheckPool(CheckTask(tmp_path / "train.jsonl", "openai", "mine", "openai-chat"), 1) as pool:
        (share,) = pool.check([(0, len(row) * 4)])
    assert share.rows == 4 and [group.rule for group in share.groups] == ["too_many_tokens"]
