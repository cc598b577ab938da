"""The examples that are written in every format: one list for each kind of thing a training row can hold."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace

from src.providers.formats.training_example import (
    MediaPart,
    Part,
    TextPart,
    Tool,
    ToolCall,
    TrainingExample,
    Turn,
)

WEATHER = Tool(
    "get_weather",
    "The weather in a city today",
    {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]},
)
CLOCK = Tool("get_time", "The time now", {"type": "object", "properties": {}})
SYSTEM = Turn("system", 'You answer "briefly", in one line.')


def png(shade: int = 0) -> bytes:
    """A picture of one pixel, which is a whole and valid PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(bytes((0, shade, shade, shade)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def data_uri(shade: int = 0) -> str:
    return "data:image/png;base64," + base64.b64encode(png(shade)).decode()


def ask(question: str, answer: str) -> tuple[Turn, Turn]:
    return Turn("user", question), Turn("assistant", answer)


def call(number: int, name: str, arguments: str) -> ToolCall:
    return ToolCall(f"callid{number:03}", name, arguments)


def filler(number: int, kind: str) -> TrainingExample:
    """The n-th of many different plain examples, which bring a file to the least number of rows a provider takes."""
    question, reply = f"What is {number} plus {number % 7}?", f"It is {number + number % 7}."
    if kind == "preference":
        return preference(question, reply, f"I do not know {number}.")
    if kind == "prompt":
        turns = (Turn("user", question),)
        return TrainingExample(turns, extras={"reference_answer": reply}, extras_of="openai")
    if kind == "text":
        return TrainingExample(text=f"Note {number}: {question} {reply}")
    return TrainingExample(ask(question, reply))


def preference(question: str, better: str, worse: str, *before: Turn) -> TrainingExample:
    turns = (*before, Turn("user", question))
    return TrainingExample(turns, (Turn("assistant", better),), (Turn("assistant", worse),))


def _weather_talk(opening: tuple[Turn, ...] = ()) -> TrainingExample:
    turns = (
        *opening,
        Turn("user", "How is the weather in Paris?"),
        Turn("assistant", tool_calls=(call(1, "get_weather", '{"city": "Paris", "days": 1}'),)),
        Turn("tool", '{"sky": "sunny", "celsius": 21}', tool_call_id="callid001", name="get_weather"),
        Turn("assistant", "Sunny, 21 degrees."),
    )
    return TrainingExample(turns, tools=(WEATHER, CLOCK))


def _two_calls() -> TrainingExample:
    calls = (call(1, "get_weather", '{"city": "Rome"}'), call(2, "get_weather", '{"city": "Oslo"}'))
    turns = (
        Turn("user", "Rome and Oslo?"),
        Turn("assistant", tool_calls=calls),
        Turn("tool", "warm", tool_call_id="callid001", name="get_weather"),
        Turn("tool", "cold", tool_call_id="callid002", name="get_weather"),
        Turn("assistant", "Rome is warm, Oslo cold."),
    )
    return TrainingExample(turns, tools=(WEATHER,), parallel_tool_calls=True)


def _calls_twice() -> TrainingExample:
    first, second = _weather_talk((SYSTEM,)).turns, _weather_talk().turns
    again = call(2, "get_weather", '{"city": "Nîmes"}')
    later = (
        Turn("user", "And in Nîmes?"),
        Turn("assistant", tool_calls=(again,)),
        Turn("tool", "windy", tool_call_id=again.id, name="get_weather"),
        second[-1],
    )
    return TrainingExample(first + later, tools=(WEATHER,))


def _with_pictures(*uris: str) -> TrainingExample:
    parts: tuple[Part, ...] = (TextPart("What is on it?"), *(MediaPart(uri, "image/png") for uri in uris))
    return TrainingExample((Turn("user", parts), Turn("assistant", "One pixel.")))


EXAMPLES: Mapping[str, tuple[TrainingExample, ...]] = {
    "text": (TrainingExample(ask("Name a river.", "The Rhine.")),),
    "multi-turn": (
        TrainingExample(
            ask("Wie heißt der Fluss?\nIn Köln, meine ich.", "Der Rhein.") + ask("And in Paris?", "The Seine.")
        ),
        TrainingExample(ask("a", "b") + ask("c", "d") + ask("e", "f")),
    ),
    "system": (
        TrainingExample((SYSTEM, *ask("Name a river.", "The Rhine."))),
        TrainingExample((SYSTEM, *ask("One?", "1"), *ask("Two?", "2"))),
    ),
    "system-later": (TrainingExample((*ask("One?", "1"), SYSTEM, *ask("Two?", "2"))),),
    "two-users": (TrainingExample((Turn("user", "Listen."), *ask("What is 1 + 1?", "2"))),),
    "unicode": (
        TrainingExample(
            ask("Say it in 日本語, \u2028 with 'quotes' and \"quotes\".", "川 🌊 \\n is no newline\tbut \\t")
        ),
        TrainingExample(ask("  spaces around  ", " leading space and\r\nWindows line ends \n")),
    ),
    "developer": (TrainingExample((Turn("developer", "Be kind."), *ask("Hi", "Hello"))),),
    "names": (TrainingExample((Turn("user", "Hi", name="Ana"), Turn("assistant", "Hello Ana", name="Bot"))),),
    "weights": (
        TrainingExample(
            (
                Turn("user", "1?"),
                Turn("assistant", "2", weight=0),
                Turn("user", "No."),
                Turn("assistant", "1", weight=1),
            )
        ),
    ),
    "text-parts": (TrainingExample((Turn("user", (TextPart("One "), TextPart("two"))), Turn("assistant", "three"))),),
    "refusal": (TrainingExample((Turn("user", "Do harm."), Turn("assistant", refusal="I will not."))),),
    "tools": (_weather_talk(), _weather_talk((SYSTEM,))),
    "parallel-tools": (_two_calls(),),
    "calls-twice": (_calls_twice(),),
    "text-and-call": (
        TrainingExample(
            (
                Turn("user", "Paris?"),
                Turn("assistant", "Let me look.", tool_calls=(call(1, "get_weather", '{"city": "Paris"}'),)),
                Turn("tool", "sunny", tool_call_id="callid001", name="get_weather"),
                Turn("assistant", "Sunny."),
            ),
            tools=(WEATHER,),
        ),
    ),
    "call-last": (
        TrainingExample(
            (Turn("user", "Now?"), Turn("assistant", tool_calls=(call(1, "get_time", "{}"),))), tools=(CLOCK,)
        ),
    ),
    "image-url": (_with_pictures("https://example.org/pixel.png"),),
    "image-data": (_with_pictures(data_uri()),),
    "image-many": (_with_pictures(*(data_uri(shade) for shade in range(10))),),
    "image-gs": (_with_pictures("gs://bucket/folder/pixel.png"),),
    "image-s3": (
        replace(
            _with_pictures("s3://bucket/folder/pixel.png"),
            extras={"bucketOwners": ["123456789012"]},
            extras_of="bedrock",
        ),
    ),
    "preference": (
        preference("Name a river.", "The Rhine.", "A river is a river."),
        preference("And in Paris?", "The Seine.", "No idea.", SYSTEM, *ask("Name a river.", "The Rhine.")),
    ),
    "preference-tools": (
        TrainingExample(
            (Turn("user", "Now?"),),
            (Turn("assistant", "One moment."),),
            (Turn("assistant", "Why?"),),
            tools=(CLOCK,),
            parallel_tool_calls=False,
        ),
    ),
    "reinforcement": (
        TrainingExample((SYSTEM, Turn("user", "2 + 2?")), extras={"reference_answer": "4"}, extras_of="openai"),
    ),
    "raw-text": (TrainingExample(text="A page of text.\n\nWith two paragraphs."),),
}
