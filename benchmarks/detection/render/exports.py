"""JSON exports of assistants and training files: ChatGPT, Claude, ShareGPT, OpenAI messages, Alpaca, prompt columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.detection.gold import Gold, Turn, gold_of, pairs_of
from benchmarks.detection.talks import Scribe, Talk

CONVERSATIONS = 5
SYSTEM = ("You are a helpful assistant.", "You answer briefly and never guess.", "Du bist ein freundlicher Berater.")


def chatgpt(path: Path, scribe: Scribe) -> list[Gold]:
    """conversations.json: a tree of nodes; answers that were asked for again are branches that do not count."""
    talks = [scribe.talk(greet=False) for _ in range(CONVERSATIONS)]
    _save(path, [_tree(scribe, talk) for talk in talks], scribe)
    return [gold_of(talk) for talk in talks]


def _tree(scribe: Scribe, talk: Talk) -> dict[str, Any]:
    nodes: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None, "children": []}}
    hidden = {"is_visually_hidden_from_conversation": True}
    last = _node(nodes, "root", "system", "", hidden)
    for said in talk.said:
        role = "user" if said.asks else "assistant"
        if not said.asks and scribe.chance(0.3):
            _node(nodes, last, "assistant", "Let me think. I would rather not say.", {})
        if not said.asks and scribe.chance(0.15):
            last = _node(nodes, last, "tool", 'search("result 1")', {})
        last = _node(nodes, last, role, said.text, {})
    return {"title": scribe.heading(), "create_time": 1757900000.5, "update_time": 1757900999.1, "mapping": nodes,
            "moderation_results": [], "current_node": last,
            "conversation_id": f"conv-{scribe.rng.randrange(10**9)}"}  # fmt: skip


def _node(nodes: dict[str, Any], parent: str, role: str, text: str, metadata: dict[str, Any]) -> str:
    name = f"node-{len(nodes)}"
    message = {"id": name, "author": {"role": role, "name": None, "metadata": {}},
               "create_time": 1757900000.0 + len(nodes),
               "content": {"content_type": "text", "parts": [text]}, "status": "finished_successfully",
               "weight": 1.0, "metadata": metadata, "recipient": "all"}  # fmt: skip
    nodes[name] = {"id": name, "message": message, "parent": parent, "children": []}
    nodes[parent]["children"].append(name)
    return name


def claude(path: Path, scribe: Scribe) -> list[Gold]:
    talks = [scribe.talk(greet=False) for _ in range(CONVERSATIONS)]
    shaped = [
        {"uuid": f"c-{n}", "name": scribe.heading(), "created_at": "2025-09-15T08:12:00Z", "account": {"uuid": "a-1"},
         "chat_messages": [
             {"uuid": f"m-{n}-{i}", "text": said.text, "content": [{"type": "text", "text": said.text}],
              "sender": "human" if said.asks else "assistant", "created_at": f"2025-09-15T08:{i:02}:00Z",
              "attachments": [], "files": []}
             for i, said in enumerate(talk.said)]}
        for n, talk in enumerate(talks)
    ]  # fmt: skip
    _save(path, shaped, scribe)
    return [gold_of(talk) for talk in talks]


def sharegpt(path: Path, scribe: Scribe) -> list[Gold]:
    talks = [scribe.talk() for _ in range(CONVERSATIONS)]
    golds = [_with_system(scribe, talk) for talk in talks]
    words = {"user": "human", "assistant": "gpt", "system": "system"}
    _save(path, [{"id": f"s{n}", "conversations": [{"from": words[t.role], "value": t.text} for t in gold]}
                 for n, gold in enumerate(golds)], scribe)  # fmt: skip
    return golds


def openai_messages(path: Path, scribe: Scribe) -> list[Gold]:
    """A file for fine-tuning: one object with messages on each line."""
    golds = [_with_system(scribe, scribe.talk()) for _ in range(CONVERSATIONS)]
    _save_lines(path, [{"messages": [{"role": t.role, "content": t.text} for t in gold]} for gold in golds])
    return golds


def openai_parts(path: Path, scribe: Scribe) -> list[Gold]:
    """One conversation as a list of messages, the contents as lists of parts."""
    gold = _with_system(scribe, scribe.talk())
    _save(path, {"model": "some-model", "messages": [
        {"role": t.role, "content": [{"type": "text", "text": t.text}]} for t in gold]}, scribe)  # fmt: skip
    return [gold]


def alpaca(path: Path, scribe: Scribe) -> list[Gold]:
    """instruction, input and output; the input is the second half of what the user says."""
    rows, golds = [], []
    for question, answer in (pair for _ in range(3) for pair in pairs_of(scribe.questions(2))):
        more = scribe.prose()[0] if scribe.chance(0.4) else ""
        rows.append({"instruction": question.text, "input": more, "output": answer.text})
        golds.append((Turn("user", f"{question.text}\n{more}".strip()), answer))
    if path.suffix == ".jsonl":
        _save_lines(path, rows)
    else:
        _save(path, rows, scribe)
    return golds


def prompt_completion(path: Path, scribe: Scribe) -> list[Gold]:
    first, second = scribe.rng.choice((("prompt", "completion"), ("question", "answer"), ("prompt", "response")))
    pairs = [pair for _ in range(3) for pair in pairs_of(scribe.questions(2))]
    _save_lines(path, [{"id": n, first: q.text, second: a.text} for n, (q, a) in enumerate(pairs)])
    return list(pairs)


def gemini(path: Path, scribe: Scribe) -> list[Gold]:
    """contents with parts, the assistant called model."""
    talks = [scribe.talk(greet=False) for _ in range(CONVERSATIONS)]
    _save_lines(path, [{"contents": [{"role": "user" if said.asks else "model", "parts": [{"text": said.text}]}
                                     for said in talk.said]} for talk in talks])  # fmt: skip
    return [gold_of(talk) for talk in talks]


def _with_system(scribe: Scribe, talk: Talk) -> Gold:
    system = (Turn("system", scribe.rng.choice(SYSTEM)),) if scribe.chance(0.5) else ()
    return (*system, *gold_of(talk))


def _save(path: Path, shaped: Any, scribe: Scribe) -> None:
    path.write_text(json.dumps(shaped, ensure_ascii=scribe.chance(0.5), indent=scribe.rng.choice((None, 2))), "utf-8")


def _save_lines(path: Path, rows: list[Any]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
