"""config.yaml becomes Settings, or one message with every problem."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from src.config.environment import read_environment
from src.config.loader import load_settings, with_environment
from src.config.settings import Settings
from src.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
# A copy, because the user changes the real one.
SHIPPED = ROOT / "tests" / "fixtures" / "config.yaml"
MODELS = {"google": ["gemini-2.5-flash", "gemini-2.5-pro"], "openai": ["gpt-4o", "gpt-4.1-mini"]}


def problems(tmp_path: Path, text: str, models: dict[str, list[str]] | None = None) -> list[str]:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(path, (lambda _: models) if models else None)
    return caught.value.problems


def test_the_shipped_file_says_the_defaults() -> None:
    assert load_settings(SHIPPED) == Settings()


def test_the_fixture_is_the_file_as_shipped() -> None:
    state = subprocess.run(["git", "status", "--porcelain", "config.yaml"], cwd=ROOT, capture_output=True, text=True)
    if state.returncode or state.stdout:
        pytest.skip("config.yaml was changed by its user, as it is there for (or this is no git clone)")
    assert SHIPPED.read_bytes() == (ROOT / "config.yaml").read_bytes()


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.yaml") == Settings()


def test_every_problem_is_in_one_message(tmp_path: Path) -> None:
    found = problems(
        tmp_path, "mode: creat\ndataset_size: 0\nsplit:\n  ratio: 1.5\nagent:\n  create:\n    variety: wild\n"
    )
    assert [line.split(":")[0] for line in found] == ["mode", "dataset_size", "split.ratio", "agent.create.variety"]
    assert "'create', 'identify', 'hybrid', 'free'" in found[0]
    assert "greater than or equal to 1" in found[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("modle: x\n", "modle: unknown key; did you mean 'mode' or 'model'?"),
        ("split:\n  ration: 0.5\n", "split.ration: unknown key; did you mean 'ratio'?"),
        ("zzz: 1\n", "zzz: unknown key; known keys here: provider, model"),
        ("split: 3\n", "split: must be a section"),
        ("mode: create\nmode: free\n", "'mode' stands twice (line 2, column 1)"),
        ("a: &x 1\nb: *x\n", "aliases (*name) are not accepted"),
        ("- create\n", "must hold 'key: value' lines"),
        ("mode: [\n", "is not valid YAML"),
        ("output_name: ../evil\n", "output_name: '../evil' is not accepted"),
        ("split:\n  ratio: 0.9\n  test: 0.2\n", "ratio + validation + test is 1.1"),
        ("split:\n  ratio: 0.8\n  validation: 0.1\n", "it must be 1"),
        ("dataset_size: '5'\n", "dataset_size: '5' is not accepted"),
        ("split:\n  enabled: 'no'\n", "split.enabled: 'no' is not accepted"),
        ("mode: !!python/object/apply:os.getcwd []\n", "is not valid YAML"),
    ],
)
def test_problems_name_the_key_and_what_is_accepted(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in "\n".join(problems(tmp_path, text))


def test_a_model_of_another_provider_is_refused_with_the_nearest(tmp_path: Path) -> None:
    assert problems(tmp_path, "model: gemini-2.5-flsh\n", MODELS) == [
        "model: 'gemini-2.5-flsh' is not a model of google; did you mean 'gemini-2.5-flash'? "
        "(accepted: gemini-2.5-flash, gemini-2.5-pro)"
    ]


def test_an_empty_section_means_its_defaults(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("split:\nagent:\n  create:\n", encoding="utf-8")
    assert load_settings(path) == Settings()


def test_overrides_win_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("split:\n  seed: 1\n", encoding="utf-8")
    assert load_settings(path, overrides={"split.seed": 7, "mode": "free"}).split.seed == 7


def test_shares_leave_the_rest_to_validation() -> None:
    split = Settings().split.model_copy(update={"ratio": 0.8, "test": 0.05})
    assert split.shares == pytest.approx((0.8, 0.15, 0.05))


def test_a_file_that_is_not_utf8_is_an_error_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"mode: \xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings(path)


def test_agent_variables_override_the_system_section(tmp_path: Path) -> None:
    environment = read_environment(tmp_path / "none", {"AGENT_PROVIDER": "mistral", "AGENT_MODEL": "m1"})
    system = with_environment(Settings(), environment).system
    assert (system.agentic_llm, system.agentic_model) == ("mistral", "m1")


def test_a_wrong_agent_provider_names_the_accepted_ones(tmp_path: Path) -> None:
    environment = read_environment(tmp_path / "none", {"AGENT_PROVIDER": "gpt"})
    with pytest.raises(ConfigError, match=r"AGENT_PROVIDER: 'gpt' is not one of auto, local, openai"):
        with_environment(Settings(), environment)
