"""Keys come from .env and the environment, placeholders count as not set, values stay hidden."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from src.config.environment import KEY_NAMES, Secret, read_environment, share_storage_variables

ROOT = Path(__file__).resolve().parents[2]


def test_the_template_as_shipped_sets_no_key() -> None:
    environment = read_environment(ROOT / ".env.example", {})
    assert environment.keys == {}
    assert environment.first_provider_with_key() is None
    assert (environment.agent_provider, environment.agent_model) == ("", "")


def test_the_templates_agent_counts_only_with_a_google_key() -> None:
    with_key = read_environment(ROOT / ".env.example", {"GOOGLE_API_KEY": "g-real-key"})
    assert (with_key.agent_provider, with_key.agent_model) == ("google", "")
    other = read_environment(ROOT / ".env.example", {"OPENAI_API_KEY": "sk-real", "AGENT_MODEL": "mine"})
    assert (other.agent_provider, other.agent_model) == ("google", "mine")


def test_the_template_names_every_key() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert all(f"{name}=" in text for name in KEY_NAMES.values())


def test_real_variables_win_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("OPENAI_API_KEY=sk-from-file\nMISTRAL_API_KEY=m$ecret\n", encoding="utf-8")
    keys = read_environment(file, {"OPENAI_API_KEY": "sk-from-shell"}).keys
    assert keys == {"openai": "sk-from-shell", "mistral": "m$ecret"}


def test_the_first_key_in_order_is_taken(tmp_path: Path) -> None:
    environment = read_environment(tmp_path / "none", {"MISTRAL_API_KEY": "m", "ANTHROPIC_API_KEY": "a"})
    assert environment.first_provider_with_key() == "anthropic"


def test_a_secret_does_not_show_in_a_repr(tmp_path: Path) -> None:
    environment = read_environment(tmp_path / "none", {"OPENAI_API_KEY": "sk-canary-1234567890"})
    assert "canary" not in repr(environment)
    assert Secret("sk-canary-1234567890").masked() == "...7890"


def test_no_color_and_dumb_terminals_mean_no_colour(tmp_path: Path) -> None:
    assert read_environment(tmp_path / "none", {"NO_COLOR": "1"}).no_color
    assert read_environment(tmp_path / "none", {"TERM": "dumb"}).no_color
    assert not read_environment(tmp_path / "none", {"NO_COLOR": ""}).no_color


def test_the_storage_libraries_see_what_env_says_and_what_is_set_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("AWS_ACCESS_KEY_ID=from-file\nAWS_REGION=eu-west-1\nAWS_PROFILE=your-profile\nHOME=/x\n", "utf-8")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
        monkeypatch.setenv(name, "")  # so that monkeypatch puts them back
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_REGION", "from-shell")
    share_storage_variables(file)
    assert os.environ["AWS_ACCESS_KEY_ID"] == "from-file"
    assert os.environ["AWS_REGION"] == "from-shell"
    assert "AWS_PROFILE" not in os.environ
    assert os.environ["HOME"] != "/x"
