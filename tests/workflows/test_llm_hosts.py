"""The agents' LLM at each of the five hosts, from .env to the exported files, and what runs do when hosts misbehave."""

from __future__ import annotations

import base64
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.agents.support import answer_about_focus
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.llm_runs import Request, as_json, good, llm_folder, openai_env, prose, run_json, sample_ids
from tests.workflows.support import Finished, in_order, run

PROVIDERS = ("openai", "anthropic", "google", "mistral", "llama")
PATHS = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "google": "/v1beta/models/stub:generateContent",
    "mistral": "/v1/chat/completions",
    "llama": "/v1/chat/completions",
}
# With signs that a URL, JSON and base64 each write in another way.
CANARY = "ck-" + "zebra/7+quartz=9" * 2


def base_url(provider: str, stub: StubLLM) -> str:
    return stub.url if provider in ("openai", "llama") else stub.root


def host_env(provider: str, stub: StubLLM, **more: str) -> dict[str, str]:
    name = provider.upper()
    chosen = {"AGENT_PROVIDER": provider, "AGENT_MODEL": "stub", f"{name}_BASE_URL": base_url(provider, stub)}
    return {**chosen, f"{name}_API_KEY": CANARY, **more}


def traces_of_the_key(folder: Path, *runs: Finished) -> list[str]:
    """Where the key can be read, in any spelling, in the files below a folder (its .env aside) and on the screens."""
    raw = CANARY.encode()
    encoded = {raw, quote(CANARY, safe="").encode(), json.dumps(CANARY)[1:-1].encode()}
    # Base64 looks different by where the key stands in the encoded bytes: its middle, at each of the three offsets.
    encoded |= {base64.b64encode(b"x" * shift + raw)[8:-8] for shift in range(3)}
    encoded |= {base64.urlsafe_b64encode(b"x" * shift + raw)[8:-8] for shift in range(3)}
    texts = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".env"}
    texts |= {f"screen {n}": (done.out + done.err).encode() for n, done in enumerate(runs)}
    assert len(texts) > len(runs) + 2
    return [where for where, text in texts.items() if any(one in text for one in encoded)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_provider_does_the_agents_work_from_env_to_export(tmp_path: Path, provider: str) -> None:
    folder = llm_folder(tmp_path / "here", dataset_size=6)
    with StubLLM(good()) as stub:
        (folder / ".env").write_text(
            "".join(f"{name}={value}\n" for name, value in host_env(provider, stub).items()), encoding="utf-8"
        )
        done = run(folder, "run", "--yes", "--provider", provider, "--json")
        answer = as_json(done)
        assert (answer["exit_code"], answer["samples"], len(stub.requests)) == (0, 6, 6), done.err
        assert {path.partition("?")[0] for path in stub.paths} == {PATHS[provider]}
        assert all("max_retries" not in request for request in stub.requests)
    names = {Path(path).name for path in answer["files"]}
    assert names >= {"train.jsonl", "validation.jsonl", "metadata.csv", "statistics.json", "manifest.json"}
    train = str(Path(answer["folder"], "train.jsonl"))
    assert run(folder, "validate", train, "--provider", provider).code in (0, 1)  # 1: too few samples for a training
    assert traces_of_the_key(folder, done) == []


@pytest.mark.parametrize("provider", ["openai", *(pytest.param(p, marks=pytest.mark.slow) for p in PROVIDERS[1:])])
def test_no_spelling_of_a_key_is_left_behind_by_runs_that_fail(tmp_path: Path, provider: str) -> None:
    folder = llm_folder(tmp_path / "here", dataset_size=6, max_retries=0, timeout=0.5, concurrency=1)
    echo = f"Incorrect API key provided: {CANARY}."
    failures = [
        Reply(status=500, error={"message": echo}),
        Reply(body=json.dumps({"seen": CANARY}).encode()),
        Reply(body=b'{"cut": "' + CANARY.encode()),
        Reply(delay=2.0),
        Reply(status=401, error={"message": echo}),
    ]
    with StubLLM(failures) as stub:
        failed = run(folder, "run", "--yes", env=host_env(provider, stub))
        assert (failed.code, len(stub.requests)) == (1, 5) and "was not accepted (401)" in failed.out
        elsewhere = {"Location": f"http://127.0.0.1:9/?key={CANARY}"}
        with StubLLM(lambda _: Reply(status=307, headers=elsewhere)) as sends_on:
            (folder / ".env").write_text(f"{provider.upper()}_API_KEY={CANARY}\n", encoding="utf-8")
            redirected = run(folder, "run", "--yes", "--json", env=host_env(provider, sends_on))
        assert redirected.code == 1 and "redirects" in redirected.out
    assert traces_of_the_key(folder, failed, redirected) == []


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_base_url_in_config_is_honoured(tmp_path: Path, provider: str) -> None:
    folder = llm_folder(tmp_path / "here", dataset_size=2)
    config = folder / "config.yaml"
    with StubLLM(good()) as stub:
        text = config.read_text(encoding="utf-8")
        text = text.replace(f'    {provider}: ""', f'    {provider}: "{base_url(provider, stub)}"')
        config.write_text(text, encoding="utf-8")
        env = host_env(provider, stub)
        del env[f"{provider.upper()}_BASE_URL"]
        assert run_json(folder, env=env)["samples"] == 2 and len(stub.requests) == 2


@pytest.mark.parametrize(
    ("reply", "said", "variable"),
    [
        (Reply(status=401, error={"message": f"Wrong key {CANARY}"}), "the API key was not accepted (401)", "_API_KEY"),
        (Reply(status=403, error={"message": "No access."}), "the API key may not do this (403)", "_API_KEY"),
        (
            Reply(status=429, error={"code": "insufficient_quota", "message": "You exceeded your current quota."}),
            "no credit left (429)",
            "_API_KEY",
        ),
        (Reply(status=404, error={"message": "No model stub."}), "no such model or address (404)", "AGENT_MODEL"),
    ],
)
def test_what_asking_again_cannot_mend_ends_the_run_with_one_clear_message(
    tmp_path: Path, reply: Reply, said: str, variable: str
) -> None:
    folder = llm_folder(tmp_path / "here", dataset_size=30, concurrency=4)
    with StubLLM(lambda _: reply) as stub:
        done = run(folder, "run", "--yes", env=host_env("openai", stub))
        assert done.code == 1 and 1 <= len(stub.requests) <= 4
    (message,) = [line for line in done.out.splitlines() if line.strip().startswith("error: ")]
    assert said in message and variable in message and len(message) <= 3 * 100
    assert "Resume" not in done.out and "Unfinished" not in done.out  # nothing was paid, nothing is to be resumed
    assert traces_of_the_key(folder, done) == []


def test_exactly_n_samples_each_once_whatever_the_host_does(tmp_path: Path) -> None:
    folder = llm_folder(tmp_path / "here", documents=6, dataset_size=60, max_retries=6)
    chance = random.Random(5)

    def faulty(request: Request) -> Reply:
        lucky = chance.random()
        answer = answer_about_focus(request)
        if lucky < 0.08:
            return Reply(status=429, headers={"Retry-After": "0.05"})
        if lucky < 0.12:
            return Reply(status=500)
        if lucky < 0.16:
            return Reply(answer[: len(answer) // 2], finish_reason="length")
        if lucky < 0.20:
            return Reply(answer[:-1])
        if lucky < 0.24:
            return Reply(body=b'{"id": "c1", "choices": [{"mess')
        if lucky < 0.28:
            return Reply(json.dumps({**json.loads(answer), "quote": "Nothing of the kind stands in any document."}))
        if lucky < 0.32:
            same = "The same question for everybody, is it not?"
            return Reply(json.dumps({**json.loads(answer), "question": same}))
        return Reply(answer)

    with StubLLM(faulty) as stub:
        answer = run_json(folder, env=openai_env(stub))
        assert (answer["exit_code"], answer["samples"]) == (0, 60), answer["issues"]
    ids = sample_ids(folder)
    assert len(set(ids)) == 60
    rows = [json.loads(line) for name in ("train", "validation")
            for line in Path(folder, answer["folder"], f"{name}.jsonl").read_bytes().splitlines()]  # fmt: skip
    questions = Counter(row["contents"][0]["parts"][0]["text"] for row in rows)
    assert len(questions) == 60 and set(questions.values()) == {1}
    assert answer["left_out"]["question asked before"] >= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (lambda answer: {**answer, "quote": "Nothing of the kind stands anywhere."}, "quote not in the passage"),
        (lambda answer: {**answer, "question": "What is the one and only question?"}, "question asked before"),
        (lambda answer: {**answer, "question": "No question mark here"}, "question without question mark"),
    ],
)
def test_material_that_is_exhausted_is_said_by_cause(
    tmp_path: Path, spoil: Callable[[dict[str, str]], dict[str, str]], cause: str
) -> None:
    folder = llm_folder(tmp_path / "here", documents=1, dataset_size=4)
    (folder / "input_files" / "notes0.txt").write_text(prose(1, 3), encoding="utf-8")

    def answer(request: Request) -> Reply:
        return Reply(json.dumps(spoil(json.loads(answer_about_focus(request)))))

    with StubLLM(answer) as stub:
        done = run(folder, "run", "--yes", env=openai_env(stub))
    made = 1 if cause == "question asked before" else 0
    assert done.code == (0 if made else 1)
    assert in_order(done.out, f"{made} of 4 samples were generated", "agent.create.candidates_per_sample is 3")
    assert in_order(done.out, "Left out, by reason:", cause)
    assert int(re.findall(rf"{cause} +#+ +(\d+)", done.out)[0]) == 12 - made
