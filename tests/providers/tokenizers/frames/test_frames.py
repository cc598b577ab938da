"""The framing of OpenAI, Llama, Google and Claude, against what the providers publish."""

from __future__ import annotations

import pytest

from src.providers.formats.training_example import MediaPart, TextPart, Tool, ToolCall, TrainingExample, Turn
from src.providers.token_counter import TokenCounter, counter_for
from src.providers.tokenizers import TOKENIZERS
from src.providers.tokenizers.frames.claude_frame import claude_frame
from src.providers.tokenizers.frames.google_frame import google_frame
from src.records import Message

WEATHER = Tool(
    "get_current_weather",
    "Get the current weather in a given location",
    {
        "type": "object",
        "properties": {
            "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
            "unit": {
                "type": "string",
                "description": "The unit of temperature to return",
                "enum": ["celsius", "fahrenheit"],
            },
        },
        "required": ["location"],
    },
)
CALL = Turn("assistant", tool_calls=(ToolCall("abcdefghi", "get_current_weather", '{"location": "Rome", "days": 3}'),))
ANSWER = Turn("tool", '{"degrees": "21"}', name="get_current_weather", tool_call_id="abcdefghi")


@pytest.mark.parametrize(("model", "published"), [("gpt-4o", 124), ("gpt-3.5-turbo", 129)])
def test_openai_counts_the_cookbooks_conversation_as_openai_says(model: str, published: int) -> None:
    """The conversation and figures of openai-cookbook, How_to_count_tokens_with_tiktoken.ipynb, section 6."""
    talk = (
        ("", "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."),
        ("example_user", "New synergies will help drive top-line growth."),
        ("example_assistant", "Things working well together will increase revenue."),
        (
            "example_user",
            "Let's circle back when we have more bandwidth to touch base on opportunities for deeper leverage.",
        ),
        ("example_assistant", "Let's talk later when we're less busy about how to do better."),
    )
    last = "This late pivot means we don't have time to boil the ocean for the client deliverable."
    turns = [Turn("system", text, name=name) for name, text in talk]
    counted = counter_for("openai", model).count_training_examples([TrainingExample((*turns, Turn("user", last)))])
    assert counted == [published]


@pytest.mark.parametrize(("model", "published"), [("gpt-4o", 101), ("gpt-3.5-turbo", 105)])
def test_openai_counts_the_cookbooks_tool_as_openai_says(model: str, published: int) -> None:
    """Section 7 of the same: with a tool, the API counted 101 and 105 tokens."""
    system = "You are a helpful assistant that can answer to questions about the weather."
    turns = (Turn("system", system), Turn("user", "What's the weather like in San Francisco?"))
    counter = counter_for("openai", model)
    assert counter.count_training_examples([TrainingExample(turns, tools=(WEATHER,))]) == [published]
    assert counter.exactness_of(TrainingExample(turns, tools=(WEATHER,))) == "assumed"


def test_a_role_is_one_token_in_both_vocabularies() -> None:
    for model in ("gpt-4o", "gpt-3.5-turbo"):
        assert counter_for("openai", model).count(["system", "user", "assistant"]) == [1, 1, 1]


def test_openais_pictures_are_counted_where_their_size_is_known() -> None:
    counter = counter_for("openai", "gpt-4o")
    low = Turn("user", (TextPart("What?"), MediaPart("https://example.org/a.png", detail="low")))
    far = Turn("user", (TextPart("What?"), MediaPart("https://example.org/a.png")))
    bare = counter.count_messages([Message("user", "What?")])
    assert counter.count_training_examples([TrainingExample((low,)), TrainingExample((far,))]) == [bare + 85, bare]
    assert counter.exactness_of(TrainingExample((low,))) == "assumed"
    assert counter.exactness_of(TrainingExample((far,))) == "estimated"


def test_llamas_frame_is_the_template_written_out() -> None:
    """Llama 3.1's chat template, token by token: each <|...|> is one token, the rest is text."""
    counter = counter_for("llama", "llama-3.1-8b")
    text = counter.count_text
    header = 2 + text("user") + text("\n\n")
    dates = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
    opening = 1 + 2 + text("system") + text("\n\n" + dates) + 1
    assert opening == 26 and header + 1 == 5
    question, answer = "How far is the moon?", "About 384,400 km."
    whole = opening + 2 * (header + 1) + text(question) + text(answer)
    assert counter.count_messages([Message("user", question), Message("assistant", answer)]) == whole


def test_llamas_tools_calls_and_answers_cost_what_the_template_makes_of_them() -> None:
    """Rendered by Jinja from TRL 1.16.0's llama3_1.jinja, then counted (2026-11-21): the text between the marks."""
    counter = counter_for("llama", "llama-3.1-8b")
    text = counter.count_text
    opening = "\n\nEnvironment: ipython\nCutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\nBe brief."
    tools = (
        "\n\nGiven the following functions, please respond with a JSON for a function call with its proper arguments "
        'that best answers the given prompt.\n\nRespond in the format {"name": function name, "parameters": '
        "dictionary of argument name and its value}.Do not use variables.\n\n"
        '{\n    "type": "function",\n    "function": {\n        "name": "f",\n        "description": "é"\n    }\n}\n\n'
        "Rain?"
    )
    call = '\n\n{"name": "f", "parameters": {"a": [1, "é"]}}'
    answer = '\n\n"{\\"b\\": 1}"'
    expected = (
        (1 + 3 + text(opening) + 1)
        + (3 + text(tools) + 1)
        + (3 + text(call) + 1)
        + (2 + text("ipython") + text(answer) + 1)
    )
    turns = (
        Turn("system", " Be brief.\n"),
        Turn("user", "Rain? "),
        Turn("assistant", tool_calls=(ToolCall("1", "f", '{"a":[1,"\\u00e9"]}'),)),
        Turn("tool", '{"b": 1}', name="f", tool_call_id="1"),
    )
    example = TrainingExample(turns, tools=(Tool("f", "é"),))
    assert counter.count_training_examples([example]) == [expected]
    assert counter.exactness_of(example) == "exact"


def test_what_llamas_template_refuses_is_an_estimate() -> None:
    counter = counter_for("llama", "llama-3.1-8b")
    twice = Turn("assistant", tool_calls=CALL.tool_calls * 2)
    assert counter.exactness_of(TrainingExample((Turn("user", "Hi"), twice))) == "estimated"
    assert counter.exactness_of(TrainingExample((Turn("assistant", "Hi"),), tools=(WEATHER,))) == "estimated"
    shown = Turn("user", (TextPart("What?"), MediaPart("https://example.org/a.png")))
    assert counter.exactness_of(TrainingExample((shown,))) == "estimated"


def test_google_counts_each_text_and_the_words_within_tools() -> None:
    """The order and the pieces of google-genai 3.4.0's LocalTokenizer."""
    user = Turn("user", (TextPart("Rome"), TextPart("today")))
    example = TrainingExample((Turn("system", "Be brief."), user, CALL, ANSWER), tools=(WEATHER,))
    framed = google_frame(example)
    assert sorted(framed.texts) == sorted(
        [
            "get_current_weather",
            "Get the current weather in a given location",
            *("location", "location", "unit"),  # required, then the two properties
            "The city and state, e.g. San Francisco, CA",
            "The unit of temperature to return",
            *("celsius", "fahrenheit"),
            *("Be brief.", "Rome", "today"),
            *("get_current_weather", "location", "days", "Rome"),
            *("get_current_weather", "degrees", "21"),
        ]
    )
    assert (framed.tokens, framed.exactness) == (0, "assumed")


def test_google_counts_plain_conversations_exactly() -> None:
    framed = google_frame(TrainingExample((Turn("user", "Hi"), Turn("assistant", "Ho"))))
    assert (framed.texts, framed.tokens, framed.exactness) == (["Hi", "Ho"], 0, "exact")


def test_claude_reads_one_frame_and_the_texts() -> None:
    framed = claude_frame(TrainingExample((Turn("system", "Be brief."), Turn("user", "Hi"), Turn("assistant", "Ho"))))
    assert (framed.texts, framed.tokens, framed.exactness) == (["Be brief.", "Hi", "Ho"], 7, "exact")


def test_claudes_tools_are_an_estimate() -> None:
    framed = claude_frame(TrainingExample((Turn("user", "Hi"), CALL), tools=(WEATHER,)))
    assert framed.exactness == "estimated"
    assert framed.tokens == 7 + 264 and '"input_schema"' in framed.texts[-1]


def test_amazons_models_are_an_estimate_that_says_so() -> None:
    counter = TokenCounter(TOKENIZERS["amazon-nova"])
    assert counter.exactness == "estimated" and "Amazon publishes no tokenizer" in counter.note
