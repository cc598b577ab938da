"""What Mistral's readers ask of the messages and tools of an instruct row, and where each rule stands.

They are mistral-finetune, mistral-common (which it calls) and the API; where they differ the strictest is held to, but
for what only old versions refuse, which is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from src.providers.formats.chat.media_rules import MediaRules
from src.providers.formats.chat.message_rules import MessageRules
from src.providers.formats.chat.tool_rules import ToolRules

KEYS = ("messages", "tools", "interactions", "available_tools", "system_prompt", "only_last")
TOOL_RULES = ToolRules(
    call_ids=re.compile(r"[a-zA-Z0-9]{9}"),
    described=True,
    parameters_required=True,
    unanswered="error",
    typed=(),
    no_calls=True,
    # jsonschema's Draft 7 check, which mistral-common calls, reads patterns with Python's re.
    python_patterns=True,
)
# No limits on pictures are published.
MEDIA_RULES = MediaRules(
    most_per_example=None,
    most_bytes=None,
    mime_types=("image/jpeg", "image/png", "image/webp", "image/gif"),
    plain_string=True,
)
MESSAGE_RULES = MessageRules(
    roles=("system", "user", "assistant", "tool"),
    more_keys=("weight", "tool_calls", "tool_call_id", "name"),
    nullable=("weight", "tool_calls", "name"),
    # mistral-common 1.13.1 takes several, mistral-finetune one.
    system="once",
    system_after_answer=False,
    # mistral-common takes two users or assistants in a row, and 1.13.1 (not 1.4.4) a user after a tool.
    alternate="advised",
    asked=True,
    ends_with_assistant="required",
    parts=True,
    parts_on=("user",),
    media=MEDIA_RULES,
    weights_on=("assistant",),
    names_on=("tool",),
    tools=TOOL_RULES,
    # From tokenizer v7 on both may stand in one message; not in mistral-finetune, nor in the API's description.
    text_beside_calls=False,
)
_COMMON = "mistral-common 1.13.1, MistralRequestValidatorV3 in finetuning mode, read 2026-11-21"
_DOCS = (
    'Mistral, "Text & Vision Fine-tuning" (mistralai/platform-docs-public commit 222f4ba, '
    "public/resources/deprecated/finetuning), read 2026-11-21"
)
_RULES_OF_COMMON = (
    "bad_call_id",
    "bad_schema",
    "bad_tool_name",
    "bad_weight",
    "call_without_answer",
    "call_without_question",
    "last_not_assistant",
    "misplaced_key",
    "no_user",
    "system_after_answer",
    "unknown_key",
    "unknown_part",
)
_RULES_OF_DOCS = (
    "answer_without_call",
    "bad_image",
    "pictures_in_the_api_only",
    "roles_not_in_turn",
    "undefined_tool",
)
RULE_SOURCES: Mapping[str, str] = {
    **dict.fromkeys(_RULES_OF_COMMON, _COMMON),
    **dict.fromkeys(_RULES_OF_DOCS, _DOCS),
    "several_last_calls": "mistral-common 1.4.4, _validate_tool_calls_followed_by_tool_messages, read 2026-11-21",
}
