"""Every menu path with scripted answers: what the screen says and what is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from src.config.loader import load_settings
from tests.agents.support import answer_about_focus
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.support import in_order, menu, run

MENU = """=== Fine-Tuning Dataset Builder ===
1. Configure Dataset          - provider, model, generation mode, dataset size, train/val split
2. Generate Dataset           - process input files, run selected agent, validate output, save dataset
3. View Dataset Statistics    - token counts, sample distribution, source breakdown
4. Export Dataset             - JSONL, CSV, Parquet, Hugging Face and more, checked and versioned
5. Settings                   - edit config.yaml, view current configuration
6. Exit
"""


def test_the_menu_is_as_drawn_and_exit_leaves(project: Path) -> None:
    done = menu(project, ["6"])
    assert done.code == 0
    assert done.out == f"\n{MENU}Choose 1-6: 6\nGood-bye.\n"


def test_a_wrong_answer_says_what_is_accepted_and_asks_again(project: Path) -> None:
    done = menu(project, ["7", "x", "6"])
    assert done.out.count("Please answer with a number from 1 to 6.") == 2
    assert done.out.count("=== Fine-Tuning Dataset Builder ===") == 3


@pytest.mark.parametrize("answers", [[], ["1"], ["2"], ["1", "1", "1"], ["5", "2", "3"]])
def test_end_of_input_leaves_with_0_wherever_it_comes(project: Path, answers: list[str]) -> None:
    done = menu(project, answers)
    assert (done.code, done.out.splitlines()[-1]) == (0, "End of input, good-bye.")


def test_configure_asks_in_order_and_writes_config_with_its_comments(project: Path) -> None:
    done = menu(project, ["1", "openai", "2", "identify", "250", "y", "5", "75-15-10", "4", "6"])
    assert in_order(
        done.out,
        "Provider to train with",
        "1. openai",
        "Choose [3]: openai",
        "Model",
        "2. gpt-4o-mini-2024-07-18",
        "Note: gpt-4o-mini-2024-07-18 is",
        "Generation mode",
        "1. create   - new questions and answers",
        "2. identify - conversations that stand in your documents, word for word",
        "3. hybrid",
        "4. free",
        "Dataset size (samples) [100]: 250",
        "Split into train and validation? (y/n) [y]: y",
        "Ratio (train-validation)",
        "Choose [2]: 5",
        "Your ratio [80-20]: 75-15-10",
        "Strategy",
        "Saved to config.yaml:",
    )
    settings = load_settings(project / "config.yaml")
    assert (settings.provider, settings.model, settings.mode) == ("openai", "gpt-4o-mini-2024-07-18", "identify")
    assert settings.dataset_size == 250 and settings.split.strategy == "stratified"
    assert settings.split.shares == pytest.approx((0.75, 0.15, 0.1))
    assert "# samples wanted; capped at what the provider takes" in (project / "config.yaml").read_text(
        encoding="utf-8"
    )


def test_enter_keeps_every_default(project: Path) -> None:
    before = load_settings(project / "config.yaml")
    done = menu(project, ["1", "", "", "", "", "", "", "", "6"])
    assert "Saved to config.yaml" in done.out
    assert load_settings(project / "config.yaml") == before


def test_b_goes_back_one_question_and_at_last_to_the_menu(project: Path) -> None:
    before = (project / "config.yaml").read_text(encoding="utf-8")
    done = menu(project, ["1", "1", "b", "b", "6"])
    assert in_order(done.out, "Provider to train with", "Model", "Provider to train with", "Nothing was changed.", MENU)
    assert (project / "config.yaml").read_text(encoding="utf-8") == before


def test_a_size_beyond_the_provider_is_capped_with_both_numbers(project: Path) -> None:
    done = menu(project, ["1", "anthropic", "", "identify", "20000", "n", "6"])
    assert "20,000 examples were asked for" in done.out and "capped at 10,000" in done.out
    assert load_settings(project / "config.yaml").dataset_size == 10_000


def test_generate_shows_the_plan_asks_for_the_split_and_exports(identify: Path) -> None:
    done = menu(identify, ["2", "n", "y", "y", "3", "1", "y", "6"])
    assert in_order(
        done.out,
        "Let an LLM look for more in text without labels?",
        "This run",
        "Input     input_files - 1 file(s): 1 TXT",
        "Mode      identify",
        "Target    google / gemini-2.5-flash",
        "Size      100 samples",
        "LLM       none needed",
        "Start? (y/n) [y]: y",
        "Split the dataset?",
        "Samples by source:",
        "faq.txt",
        "Samples by keyword:",
        "Ratio (train-validation)",
        "1. 90-10",
        "2. 80-20",
        "3. 70-30",
        "custom",
        "Strategy",
        "1. random",
        "What to know:",
        "100 samples were asked for; the documents hold 40 conversations, 40 kept.",
        "Saved dataset my_dataset",
        "train            28",
        "validation       12",
        "80 identified turns stand word for word in their sources.",
        "Export now?",
        "Exported to output_datasets/my_dataset/v1.0.0:",
        "train.jsonl",
        "validation.jsonl",
        "metadata.csv",
        "statistics.json",
    )
    folder = identify / "output_datasets" / "my_dataset" / "v1.0.0"
    assert len((folder / "train.jsonl").read_bytes().splitlines()) == 28


def test_generate_without_a_split_and_without_export(identify: Path) -> None:
    done = menu(identify, ["2", "n", "y", "n", "n", "6"])
    assert in_order(done.out, "Saved dataset my_dataset", "not split       40", "Export now?")
    assert not (identify / "output_datasets").exists()


def test_generate_can_be_left_before_it_starts(identify: Path) -> None:
    done = menu(identify, ["2", "n", "n", "6"])
    assert in_order(done.out, "Start?", MENU) and not list((identify / "memory").glob("*.db*"))


def test_an_empty_input_folder_offers_the_samples(identify: Path) -> None:
    (identify / "input_files" / "faq.txt").unlink()
    done = menu(identify, ["2", "y", "n", "y", "n", "n", "6"])
    assert in_order(
        done.out,
        "input_files is empty.",
        "Use the bundled sample documents? (y/n) [y]: y",
        "6 file(s): 1 CSV, 1 DOCX, 1 PDF, 1 PPTX, 1 TXT, 1 XLSX",
        "Saved dataset my_dataset",
    )


def test_a_declined_sample_folder_says_what_to_do(identify: Path) -> None:
    (identify / "input_files" / "faq.txt").unlink()
    done = menu(identify, ["2", "n", "n", "6"])
    assert "No documents in input_files: put files there (PDF, DOCX, TXT" in done.out
    assert done.code == 0


def test_a_bad_file_is_named_and_the_others_go_on(identify: Path) -> None:
    (identify / "input_files" / "broken.pdf").write_bytes(b"%PDF-1.7\ngarbage")
    (identify / "input_files" / "empty.docx").write_bytes(b"")
    done = menu(identify, ["2", "n", "y", "n", "n", "6"])
    assert in_order(done.out, "What to know:", "broken.pdf", "Saved dataset my_dataset")
    assert "error: empty.docx: " in done.out


def test_create_mode_with_a_hosted_llm(project: Path) -> None:
    prose = (
        "The Harbour pump moves water through its main valve. " * 3 + "A red lamp shows that the filter is blocked. "
    )
    (project / "input_files" / "faq.txt").write_text(prose, encoding="utf-8")
    with StubLLM(answer_about_focus) as stub:
        env = {"OPENAI_API_KEY": "sk-canary-0123456789", "OPENAI_BASE_URL": stub.url}
        done = menu(project, ["1", "", "", "create", "2", "n", "2", "y", "y", "2", "2", "n", "6"], env)
    assert in_order(done.out, "LLM       openai /", "Start?", "Samples by source:", "Saved dataset my_dataset", "LLM: ")
    assert stub.headers[0]["authorization"] == "Bearer sk-canary-0123456789"
    assert "canary" not in done.out + done.err
    assert all(b"canary" not in path.read_bytes() for path in project.rglob("*") if path.is_file())


def test_a_wrong_key_is_one_clear_message_and_back_to_the_menu(project: Path) -> None:
    with StubLLM(
        lambda _: Reply(status=401, error={"message": "Incorrect API key provided: sk-canary-0123456789"})
    ) as stub:
        env = {"OPENAI_API_KEY": "sk-canary-0123456789", "OPENAI_BASE_URL": stub.url}
        (project / "input_files" / "faq.txt").write_text(
            "The pump moves water through its main valve. " * 9, encoding="utf-8"
        )
        done = menu(project, ["2", "y", "6"], env)
    assert "OPENAI_API_KEY" in done.out and "No samples were made" in done.out
    assert 1 <= len(stub.requests) <= 8 and done.code == 0  # no call beyond those that were in flight together
    assert "canary" not in done.out + done.err


def test_free_mode_asks_for_instructions_when_the_file_is_not_to_be_used(project: Path) -> None:
    (project / "input_files" / "faq.txt").write_text(
        "The pump moves water through its main valve. " * 9, encoding="utf-8"
    )
    answer = {"system": "", "exchanges": [{"user": "Arr?", "assistant": "Aye."}]}
    with StubLLM(lambda _: json.dumps(answer)) as stub:
        env = {"OPENAI_API_KEY": "sk-canary-0123456789", "OPENAI_BASE_URL": stub.url}
        changed = run(project, "config", env=env)
        assert changed.code == 0
        answers = ["5", "2", "agent.free.use_prompt_file", "false", "mode", "free", "dataset_size", "1", "b"]
        done = menu(project, [*answers, "2", "short", "Talk like a pirate, please.", "y", "n", "n", "6"], env)
    assert in_order(done.out, "agent.free.use_prompt_file is now false", "mode is now free", "Done.")
    assert in_order(done.out, "Your instructions for every passage", "Please say in a sentence or more", "Start?")
    assert "Talk like a pirate, please." in stub.requests[0]["messages"][0]["content"]
    assert "Saved dataset my_dataset" in done.out


def test_statistics_and_export_of_a_stored_dataset(identify: Path) -> None:
    assert run(identify, "run", "--yes").code == 0
    done = menu(identify, ["3", "1", "1", "4", "1", "1", "1", "6"])
    assert in_order(
        done.out,
        "Statistics of which dataset?",
        "1. my_dataset - 40 samples, identify, google/gemini-2.5-flash",
        "my_dataset: 40 samples for google / gemini-2.5-flash",
        "Tokens (",  # exact or estimated, as the tokenizer was fetched or not
        "total  least  mean  median",
        "Sample distribution:",
        "Source breakdown:",
        "faq.txt  ########################     40",
        "Topics:",
        "Export which dataset?",
        "Formats",
        "Exported to output_datasets/my_dataset/v1.0.1 (patch since v1.0.0):",
    )


def test_statistics_without_a_dataset_says_how_to_make_one(project: Path) -> None:
    done = menu(project, ["3", "4", "1", "6"])
    assert done.out.count("There is no dataset yet; make one with 2. Generate Dataset.") == 2


def test_settings_show_change_and_refuse(project: Path) -> None:
    answers = ["5", "1", "5", "2", "split.seed", "abc", "split.seed", "7", "b", "5", "3", "6"]
    done = menu(project, answers, {"MISTRAL_API_KEY": "canary-mistral-123456"})
    assert in_order(
        done.out,
        "View current configuration",
        "split.strategy                     weighted",
        "Change which key? (b when done)",
        "Not changed:",
        "split.seed: 'abc' is not accepted",
        "split.seed is now 7 in config.yaml.",
        "provider   variable           state",
        "MISTRAL_API_KEY    set",
        "copy .env.example to .env",
    )
    assert "canary" not in done.out
    assert load_settings(project / "config.yaml").split.seed == 7


def test_a_broken_configuration_is_explained_and_the_menu_stays(project: Path) -> None:
    (project / "config.yaml").write_text("mode: dream\nsplit:\n  ratio: 2\n", encoding="utf-8")
    done = menu(project, ["2", "6"])
    assert in_order(done.out, "config.yaml has 2 problem(s):", "mode: 'dream'", "split.ratio: 2", MENU)
    assert done.code == 0
