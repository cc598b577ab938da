"""An answer that cannot be used is asked for again, each remedy once; none is ever repaired."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from src.agents.asking.exchange import Asking, Reply, ask, complaining
from src.errors import ContentRefusedError, LLMError, MalformedAnswerError, OverloadedError, TruncatedAnswerError
from src.providers.clients.chat_client import ChatAnswer, ChatRequest, FinishReason, Usage
from src.records import Message

SCHEMA = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}
REQUEST = ChatRequest((Message("system", "Be short."), Message("user", "A word?")), SCHEMA, max_tokens=100, seed=4)
SMALLER = replace(REQUEST, messages=(Message("user", "A letter?"),))


def said(text: str, finish_reason: FinishReason = "stop") -> ChatAnswer:
    return ChatAnswer(text, finish_reason, Usage(1, 1), "m")


GOOD, BAD = said('{"word": "pump"}'), said('{"word": 3}')
CUT = said('{"word": "pu', "length")


def carried_out(
    asking: Asking[Reply], answers: list[ChatAnswer | LLMError]
) -> tuple[list[ChatRequest], Reply | LLMError]:
    """The requests, and what is returned or raised in the end. Every answer has to be used up."""
    requests = [next(asking)]
    try:
        for answer in answers:
            sent = asking.throw(answer) if isinstance(answer, LLMError) else asking.send(answer)
            requests.append(sent)
    except StopIteration as end:
        assert len(requests) == len(answers)
        return requests, end.value
    except LLMError as error:
        assert len(requests) == len(answers)
        return requests, error
    raise AssertionError(f"it still asks: {requests[-1]}")


def test_a_good_answer_takes_one_request() -> None:
    assert carried_out(ask(REQUEST), [GOOD]) == ([REQUEST], Reply({"word": "pump"}))


def test_a_cut_off_answer_is_asked_for_with_twice_the_room() -> None:
    requests, reply = carried_out(ask(REQUEST), [CUT, GOOD])
    assert requests[1] == replace(REQUEST, max_tokens=200) and reply == Reply({"word": "pump"})


def test_cut_off_again_it_is_asked_for_as_a_smaller_task_and_then_given_up() -> None:
    requests, reply = carried_out(ask(REQUEST, lambda: SMALLER), [CUT, CUT, GOOD])
    assert requests[2] == replace(SMALLER, max_tokens=200) and reply == Reply({"word": "pump"})
    requests, error = carried_out(ask(REQUEST, lambda: SMALLER), [CUT, CUT, CUT])
    assert isinstance(error, TruncatedAnswerError) and len(requests) == 3


def test_without_a_smaller_task_it_is_given_up_after_more_room() -> None:
    _, error = carried_out(ask(REQUEST), [CUT, CUT])
    assert isinstance(error, TruncatedAnswerError)


def test_a_cut_off_answer_is_not_accepted_even_where_it_is_whole_json() -> None:
    requests, _ = carried_out(ask(REQUEST), [said(GOOD.text, "length"), GOOD])
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a pump", "not valid JSON"),
        ('{"word": "pu', "not valid JSON"),
        ('{"word": 3}', "answer.word must be a string"),
        ("{}", "answer lacks the key 'word'"),
        ('{"word": "a", "more": 1}', "unknown key 'more'"),
        ('[{"word": "a"}]', "answer must be a JSON object"),
        (json.dumps({"word": "\ud800"}), "a character that is no text"),
    ],
)
def test_a_malformed_answer_is_asked_for_again_with_the_complaint(text: str, complaint: str) -> None:
    requests, reply = carried_out(ask(REQUEST), [said(text), GOOD])
    assert reply == Reply({"word": "pump"})
    again = requests[1].messages[-1].content
    assert again.startswith("A word?\n\nYour last answer was not accepted: ") and complaint in again
    assert requests[1].messages[0] == REQUEST.messages[0]
    assert requests[1].repetition == 1  # another question than before, for the journal


def test_malformed_twice_is_given_up() -> None:
    _, error = carried_out(ask(REQUEST), [BAD, BAD])
    assert isinstance(error, MalformedAnswerError)


def test_each_remedy_is_used_once_whatever_goes_wrong_first() -> None:
    for answers in ([CUT, BAD, CUT, GOOD], [BAD, CUT, CUT, GOOD], [CUT, CUT, BAD, GOOD]):
        requests, reply = carried_out(ask(REQUEST, lambda: SMALLER), answers)
        assert reply == Reply({"word": "pump"}) and len(requests) == 4
        assert all(request.max_tokens <= 200 for request in requests)
    for answers, kind in (([CUT, BAD, CUT, BAD], MalformedAnswerError), ([BAD, CUT, CUT, CUT], TruncatedAnswerError)):
        _, error = carried_out(ask(REQUEST, lambda: SMALLER), answers)
        assert isinstance(error, kind)


def test_a_refusal_is_not_argued_with() -> None:
    _, error = carried_out(ask(REQUEST), [said("I cannot.", "refused")])
    assert isinstance(error, ContentRefusedError)


@pytest.mark.parametrize(
    "failure", [OverloadedError("busy"), MalformedAnswerError("openai: the answer is not a chat completion")]
)
def test_a_call_that_failed_after_its_retries_is_not_made_once_more_with_a_complaint(failure: LLMError) -> None:
    requests, error = carried_out(ask(REQUEST), [failure])
    assert error is failure and len(requests) == 1


def test_a_complaint_keeps_all_but_the_last_message() -> None:
    once = complaining(REQUEST, "Too long.")
    twice = complaining(once, "Too short.")
    assert (once.repetition, twice.repetition) == (1, 2)
    assert once.messages[:-1] == REQUEST.messages[:-1] and once.max_tokens == REQUEST.max_tokens
    assert "Too long. Answer again with JSON only." in once.messages[-1].content
    assert twice.messages[-1].content.count("not accepted") == 2
