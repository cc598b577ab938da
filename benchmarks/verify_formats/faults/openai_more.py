"""Faults in preference, reinforcement and prompt/completion rows of OpenAI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.verify_formats.faults.fault import OLD, REMOVED, TG1, TG2, TYPES, BadRow, double, put


def openai_more_rows() -> Sequence[BadRow]:
    rows = []
    for form, seen in (("openai-preference", {TYPES: True}), ("preference", {TYPES: True, TG2: True, TG1: True})):

        def by(types: str, together: str, seen: Mapping[str, bool] = seen) -> dict[str, str]:
            return {name: types if name == TYPES else together for name in seen}

        rows += [
            BadRow(form, "no rejected", "preference", put(REMOVED, "non_preferred_output"),
                   "one_answer_wanted",
                   by("keys are", "Could not detect")),
            BadRow(form, "two preferred", "preference", double("preferred_output"), "one_answer_wanted",
                   by("not one assistant", "exactly one message")),
            BadRow(form, "preferred by the user", "preference", put("user", "preferred_output", 0, "role"),
                   "unknown_role", by("not one assistant", "'assistant' role")),
            BadRow(form, "input ends with assistant", "preference", put("assistant", "input", "messages", 0, "role"),
                   "input_ends_with_answer",
                   by("ends with the assistant", "must not be from the assistant")),
            BadRow(form, "input without messages", "preference", put(REMOVED, "input", "messages"),
                   "messages_missing", by("KeyError|not a list", "must contain a `messages`")),
            BadRow(form, "extra key", "preference", put("x", "topic"), "unknown_key", by("keys are", "extra column")),
        ]  # fmt: skip
    rows += [
        BadRow("openai-reinforcement", "ends with assistant", "reinforcement",
               put("assistant", "messages", 1, "role"), "last_not_user",
               {TYPES: "last message is not"}),
        BadRow("openai-completion", "no prompt", "text", put(REMOVED, "prompt"),
               "prompt_missing",
               {}),
        BadRow("openai-completion", "completion empty", "text", put("", "completion"), "text_empty",
               {OLD: "empty completions"}),
        BadRow("openai-completion", "extra key", "text", put("x", "topic"), "unknown_key",
               {OLD: "additional"}),
    ]  # fmt: skip
    return rows
