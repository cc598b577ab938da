"""Every row format by its name."""

from __future__ import annotations

from src.errors import UsageError
from src.providers.formats.bedrock.claude import BedrockClaude
from src.providers.formats.bedrock.completion import BedrockCompletion
from src.providers.formats.bedrock.conversation import BedrockConversation
from src.providers.formats.mistral.chat import MistralChat
from src.providers.formats.mistral.text import MistralText
from src.providers.formats.open_models.alpaca import Alpaca
from src.providers.formats.open_models.llama_text import LlamaText
from src.providers.formats.open_models.messages import Messages
from src.providers.formats.open_models.preference import Preference
from src.providers.formats.open_models.prompt_completion import PromptCompletion
from src.providers.formats.open_models.sharegpt import ShareGPT
from src.providers.formats.open_models.trl_preference import TRLPreference
from src.providers.formats.open_models.trl_prompt_completion import TRLPromptCompletion
from src.providers.formats.openai.chat import OpenAIChat
from src.providers.formats.openai.completion import OpenAICompletion
from src.providers.formats.openai.preference import OpenAIPreference
from src.providers.formats.openai.reinforcement import OpenAIReinforcement
from src.providers.formats.row_format import RowFormat
from src.providers.formats.vertex.chat import VertexChat
from src.providers.formats.vertex.preference import VertexPreference

FORMATS: dict[str, RowFormat] = {
    form.name: form
    for form in (
        OpenAIChat(),
        OpenAIPreference(),
        OpenAIReinforcement(),
        OpenAICompletion(),
        BedrockClaude(),
        BedrockConversation(),
        BedrockCompletion(),
        VertexChat(),
        VertexPreference(),
        MistralChat(),
        MistralText(),
        Messages(),
        Preference(),
        TRLPreference(),
        TRLPromptCompletion(),
        PromptCompletion(),
        ShareGPT(),
        Alpaca(),
        LlamaText(),
    )
}


def find_format(name: str) -> RowFormat:
    """The format of that name. Raises UsageError that names the known ones."""
    if name not in FORMATS:
        raise UsageError(f"'{name}' is not a row format; use one of {', '.join(FORMATS)}.")
    return FORMATS[name]
