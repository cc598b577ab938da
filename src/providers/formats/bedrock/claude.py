"""bedrock-claude: {"system"?: "...", "messages": [{"role", "content"}, ...]}, for Claude 3 Haiku.

AWS shows this one form for a single turn and for several (and none of prompt and completion). The normal form has the
keys system, messages in this order, each message role, content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from src.providers.formats.chat.message_rules import MessageRules, check_messages
from src.providers.formats.chat.rows import build_messages, read_turns
from src.providers.formats.chat.texts import check_known_keys, check_text
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample, Turn

_RESERVED = ("\nHuman:", "\nAssistant:")
_RULES = MessageRules(
    roles=("user", "assistant"),
    alternate="required",
    ends_with_assistant="required",
    reserved_texts=_RESERVED,
)


class BedrockClaude(RowFormat):
    name = "bedrock-claude"
    title = "Claude on Bedrock"
    family = "bedrock-claude"
    abilities = Abilities(system="first", alternates=True, reserved_texts=_RESERVED)
    source = (
        'AWS, "Prepare data for fine-tuning your models", and data_validation.py in aws-samples/amazon-bedrock-samples '
        "(custom-models/bedrock-fine-tuning/claude-haiku), read 2026-11-21"
    )

    def recognises(self, row: Mapping[str, object]) -> bool:
        conversation = "schemaVersion" in row or "toolConfig" in row or type(row.get("system")) is list
        return "messages" in row and not conversation

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"messages": [...]}.')
            return
        yield from check_known_keys(row, ("system", "messages"))
        if "system" in row:
            yield from check_text(row["system"], "system", _RESERVED)
        yield from check_messages(row.get("messages"), _RULES)

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        system = (Turn("system", str(row["system"])),) if "system" in row else ()
        return TrainingExample(system + read_turns(row["messages"]))

    def build(self, example: TrainingExample) -> dict[str, object]:
        # Bedrock refuses a system role among the messages, so it stands beside them.
        systems = [turn for turn in example.turns if turn.role == "system"]
        top: dict[str, object] = {"system": systems[0].text} if systems else {}
        return {**top, "messages": build_messages(turn for turn in example.turns if turn.role != "system")}
