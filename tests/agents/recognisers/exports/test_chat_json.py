"""JSON exports and training sets give their conversations; other JSON gives none."""

from __future__ import annotations

from typing import Any

import pytest

from src.agents.recognisers.exports.chat_json import find_json_conversations
from src.agents.recognisers.roles import Roles
from tests.agents.recognisers.exports.support import Turns, json_document, turns

ASKED, SAID = "Is it open?", "Yes, until nine."
HI = [("user", ASKED), ("assistant", SAID)]


def found(value: Any) -> Turns:
    return turns(find_json_conversations, json_document(value))


def test_openai_messages_with_parts_and_tools() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": "x"}}],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "1", "content": "42 degrees"},
        {"role": "assistant", "content": "It is 42."},
    ]
    assert found([{"messages": messages}]) == [[("system", "Be brief."), ("user", "Look:"), ("assistant", "It is 42.")]]


def test_anthropic_messages_with_a_system_prompt_beside_them() -> None:
    value = {
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": ASKED},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": SAID}]},
        ],
    }  # fmt: skip
    assert found(value) == [[("system", "Be brief."), *HI]]


def test_gemini_contents() -> None:
    value = {
        "contents": [
            {"role": "user", "parts": [{"text": ASKED}]},
            {"role": "model", "parts": [{"text": SAID}]},
        ]
    }
    assert found([value]) == [HI]


@pytest.mark.parametrize(
    "record",
    [
        {"id": "1", "conversations": [{"from": "human", "value": ASKED}, {"from": "gpt", "value": SAID}]},
        {"conversation": [{"role": "USER", "text": ASKED}, {"role": "BOT", "text": SAID}]},
        {"dialog": [{"speaker": "Ann", "text": ASKED}, {"speaker": "Bo", "text": SAID}]},
        {"turns": [{"author": "customer", "utterance": ASKED}, {"author": "agent", "utterance": SAID}]},
        {"dialog": [ASKED, SAID]},
        {"dialogue": [ASKED, SAID], "speakers": ["Ann", "Bo"]},
        {"id": "7", "data": [ASKED, SAID]},
        {"original": [["customer", ASKED], ["agent", SAID]]},
        {"conversation": [[ASKED, SAID]]},
        {"turns": [{"speaker": "USER", "utterance": ASKED}, {"speaker": "SYSTEM", "utterance": SAID}]},
        {"messages": [{"type": "human", "data": {"content": ASKED}}, {"type": "ai", "data": {"content": SAID}}]},
        {"messages": [{"sender": {"name": "Ann", "type": "customer"}, "text": ASKED},
                      {"sender": {"name": "Bo", "type": "agent"}, "text": SAID}]},
        {"ticket": {"id": 1, "subject": "x y", "description_text": ASKED, "priority": 1},
         "conversations": [{"body_text": "Look into it", "private": True, "incoming": False, "user_id": 2},
                           {"body_text": SAID, "private": False, "incoming": False, "user_id": 2}]},
        {"MessageList": [{"displayName": "Bo", "originalarrivaltime": "2024-01-01T10:01:00.1Z", "content": SAID,
                          "messagetype": "RichText", "from": "8:bo"},
                         {"displayName": "Ann", "originalarrivaltime": "2024-01-01T10:00:00.1Z", "content": ASKED,
                          "messagetype": "Text", "from": "8:ann"},
                         {"messagetype": "ThreadActivity/AddMember", "content": "<addmember/>", "from": "19:x"}]},
        {"instruction": ASKED, "input": "", "output": SAID},
        {"prompt": ASKED, "chosen": SAID, "rejected": "No."},
        {"prompt": [{"role": "user", "content": ASKED}], "chosen": [{"role": "assistant", "content": SAID}],
         "rejected": [{"role": "assistant", "content": "No."}]},
        {"prompt": ASKED, "chosen": [{"role": "user", "content": ASKED}, {"role": "assistant", "content": SAID}],
         "rejected": [{"role": "user", "content": ASKED}, {"role": "assistant", "content": "No."}]},
        {"prompt": [{"role": "user", "content": ASKED}], "completion": [{"role": "assistant", "content": SAID}]},
        {"input": {"messages": [{"role": "user", "content": ASKED}]},
         "preferred_output": [{"role": "assistant", "content": SAID}],
         "non_preferred_output": [{"role": "assistant", "content": "No."}]},
        {"data": [{"paragraphs": [{"qas": [{"question": ASKED, "answers": [{"text": SAID}, {"text": "Yes"}]}]}]}]},
        {"@type": "FAQPage", "mainEntity": [{"@type": "Question", "name": ASKED,
                                             "acceptedAnswer": {"@type": "Answer", "text": SAID}}]},
    ],
)  # fmt: skip
def test_records_of_training_sets(record: Any) -> None:
    assert found([record]) == [HI]
    assert found({"data": [record]}) == [HI]


def test_an_array_of_messages_is_one_conversation() -> None:
    assert found([{"role": "user", "content": ASKED}, {"role": "assistant", "content": SAID}]) == [HI]


def test_records_of_messages_are_grouped_by_their_dialogue() -> None:
    rows = [("c1", "customer", "a b"), ("c2", "customer", "c d"), ("c1", "agent", "e f"), ("c2", "agent", "g h")]
    records = [{"conversation_id": c, "speaker": s, "text": t} for c, s, t in rows]
    assert found(records) == [[("user", "a b"), ("assistant", "e f")], [("user", "c d"), ("assistant", "g h")]]


def test_questions_as_keys() -> None:
    value = {ASKED: SAID, "Where is it?": "Here."}
    assert found(value) == [HI, [("user", "Where is it?"), ("assistant", "Here.")]]


def test_a_history_comes_before_the_instruction() -> None:
    value = {"instruction": "And today?", "input": "", "output": "Also.", "history": [[ASKED, SAID]]}
    assert found([value]) == [[*HI, ("user", "And today?"), ("assistant", "Also.")]]


def test_messages_that_name_their_parents_are_followed_down_each_tree() -> None:
    def message(
        tree: str, name: str, parent: str | None, role: str, text: str, rank: int | None = None
    ) -> dict[str, Any]:
        return {
            "message_id": name,
            "parent_id": parent,
            "message_tree_id": tree,
            "role": role,
            "text": text,
            "rank": rank,
        }

    records = [
        message("t1", "1", None, "prompter", ASKED), message("t1", "2", "1", "assistant", "No.", 1),
        message("t1", "3", "1", "assistant", SAID, 0), message("t2", "4", None, "prompter", ASKED),
        message("t2", "5", "4", "assistant", SAID, 0),
    ]  # fmt: skip
    assert found(records) == [HI, HI]


def test_the_best_ranked_reply_is_followed() -> None:
    tree = {
        "message_tree_id": "t",
        "prompt": {
            "message_id": "1", "text": ASKED, "role": "prompter",
            "replies": [
                {"message_id": "2", "text": "No.", "role": "assistant", "rank": 1, "replies": []},
                {"message_id": "3", "text": SAID, "role": "assistant", "rank": 0,
                 "replies": [{"message_id": "4", "text": "Thanks", "role": "prompter", "rank": None, "replies": []}]},
            ],
        },
    }  # fmt: skip
    assert found([tree]) == [[*HI, ("user", "Thanks")]]


def node(
    name: str, parent: str | None, children: list[str], role: str = "", *parts: str, **more: Any
) -> dict[str, Any]:
    message = {"id": name, "author": {"role": role}, "content": {"content_type": "text", "parts": list(parts)},
               "recipient": "all", "weight": 1.0, **more}  # fmt: skip
    return {"id": name, "message": message if role else None, "parent": parent, "children": children}


def test_chatgpt_export_follows_the_current_node() -> None:
    nodes = [
        node("root", None, ["sys"]),
        node("sys", "root", ["u1"], "system", "You are ChatGPT.", metadata={"is_visually_hidden_from_user": True}),
        node("u1", "sys", ["a1", "a2"], "user", ASKED),
        node("a1", "u1", [], "assistant", "An answer that was made again."),
        node("a2", "u1", ["t1"], "assistant", "search()", recipient="browser"),
        node("t1", "a2", ["a3"], "tool", "result"),
        node("a3", "t1", [], "assistant", SAID),
    ]
    export = {
        "title": "Opening",
        "create_time": 1.5,
        "mapping": {one["id"]: one for one in nodes},
        "current_node": "a3",
    }
    assert found([export]) == [HI]
    del export["current_node"]
    assert found([export]) == [HI]


def test_claude_export() -> None:
    export = {
        "uuid": "c", "name": "Opening",
        "chat_messages": [
            {"uuid": "1", "text": ASKED, "content": [{"type": "text", "text": ASKED}], "sender": "human"},
            {"uuid": "2", "text": SAID, "content": [], "sender": "assistant"},
        ],
    }  # fmt: skip
    assert found([export]) == [HI]


def test_slack_threads_are_separate_and_notices_are_left_out() -> None:
    day = [
        {"type": "message", "subtype": "channel_join", "user": "U1", "text": "<@U1> has joined", "ts": "1700000000.0"},
        {"type": "message", "user": "U1", "text": ASKED, "ts": "1700000001.0", "thread_ts": "1700000001.0",
         "user_profile": {"real_name": "Ann Lee"}},
        {"type": "message", "user": "U3", "text": "Lunch anyone?", "ts": "1700000002.0"},
        {"type": "message", "subtype": "bot_message", "bot_id": "B1", "text": "Build 7 passed", "ts": "1700000003.0"},
        {"type": "message", "user": "U2", "text": SAID, "ts": "1700000004.0", "thread_ts": "1700000001.0"},
        {"type": "message", "user": "U2", "text": "Me.", "ts": "1700000005.0"},
    ]  # fmt: skip
    assert found(day) == [HI, [("user", "Lunch anyone?"), ("assistant", "Me.")]]
    source = json_document(day)
    speakers = next(find_json_conversations(source, Roles())).speakers
    assert speakers == (("Ann Lee", "user"), ("U2", "assistant"))


def test_discord_export() -> None:
    def message(name: str, text: str, kind: str = "Default", bot: bool = False) -> dict[str, Any]:
        author = {"id": "1", "name": name, "discriminator": "0", "nickname": name, "isBot": bot}
        return {"id": "7", "type": kind, "timestamp": "2024-01-01T10:00:00+00:00", "content": text, "author": author}

    messages = [
        message("ann", "Joined the server.", "GuildMemberJoin"),
        message("ann", ASKED),
        message("helper", "Beep", bot=True),
        message("bo", SAID, "Reply"),
    ]
    assert found({"guild": {"id": "1"}, "channel": {"name": "help"}, "messages": messages}) == [HI]


def test_telegram_exports_of_one_chat_and_of_all() -> None:
    def message(name: str, text: Any, kind: str = "message", hour: int = 10) -> dict[str, Any]:
        return {
            "id": 1,
            "type": kind,
            "date": f"2024-01-01T{hour}:00:00",
            "from": name,
            "from_id": "user1",
            "text": text,
        }

    chat = {
        "name": "Bo", "type": "personal_chat", "id": 1,
        "messages": [
            message("Ann", "", "service"),
            message("Ann", ["Is it ", {"type": "bold", "text": "open"}, "?"]),
            message("Bo", SAID),
        ],
    }  # fmt: skip
    # The parts of one text are pieces, and pieces are joined by a newline.
    expected = [[("user", "Is it \nopen\n?"), ("assistant", SAID)]]
    assert [[(r, t.replace("it \n", "it\n")) for r, t in one] for one in found(chat)] == [
        [("user", "Is it\nopen\n?"), ("assistant", SAID)]
    ]
    assert len(found({"chats": {"list": [chat, chat]}})) == 2 * len(expected)


def test_messenger_lists_the_newest_message_first() -> None:
    messages = [
        {"sender_name": "Bo", "timestamp_ms": 1700000009000, "content": SAID},
        {"sender_name": "Ann", "timestamp_ms": 1700000001000, "content": ASKED},
    ]
    assert found({"participants": [{"name": "Ann"}, {"name": "Bo"}], "messages": messages}) == [HI]


def test_a_chat_of_many_days_is_cut_at_nights() -> None:
    times = [(1700000000, "Ann"), (1700000060, "Bo"), (1700050000, "Bo"), (1700050060, "Ann")]
    messages = [{"sender": name, "timestamp": at, "text": f"text {at}"} for at, name in times]
    assert [[role for role, _ in one] for one in found({"messages": messages})] == [
        ["user", "assistant"],
        ["assistant", "user"],
    ]


def test_teams_messages_in_html_newest_first() -> None:
    def message(name: str, html: str, minute: int, kind: str = "message") -> dict[str, Any]:
        return {"id": "1", "messageType": kind, "createdDateTime": f"2024-01-01T10:{minute:02}:00.123Z",
                "from": {"user": {"id": "u", "displayName": name}},
                "body": {"contentType": "html", "content": html}}  # fmt: skip

    value = {"value": [message("Bo", "<p>Yes, until nine.</p>", 5), message("Ann", "<p>Is it open?</p>", 4),
                       message("Ann", "<systemEventMessage/>", 3, "systemEventMessage")]}  # fmt: skip
    assert found(value) == [HI]


def test_zendesk_ticket_without_private_notes() -> None:
    comments = [
        {"id": 1, "author_id": 5, "body": ASKED, "public": True, "created_at": "2024-01-01T10:00:00Z"},
        {"id": 2, "author_id": 8, "body": "Ask Kim.", "public": False, "created_at": "2024-01-01T11:00:00Z"},
        {"id": 3, "author_id": 8, "body": SAID, "public": True, "created_at": "2024-01-03T10:00:00Z"},
    ]
    ticket = {"id": 9, "subject": "Opening", "description": ASKED, "requester_id": 5, "status": "closed"}
    assert found({"ticket": ticket, "comments": comments}) == [HI]
    assert found([{**ticket, "comments": comments}]) == [HI]
    assert found([{**ticket, "comments": comments[1:]}]) == [HI]


def test_intercom_conversation() -> None:
    value = {
        "type": "conversation", "id": "1",
        "source": {"type": "conversation", "body": "<p>Is it open?</p>", "author": {"type": "user", "name": "Ann"}},
        "conversation_parts": {"type": "list", "conversation_parts": [
            {"part_type": "assignment", "body": None, "author": {"type": "bot", "name": "Fin"}},
            {"part_type": "note", "body": "<p>secret</p>", "author": {"type": "admin", "name": "Bo"}},
            {"part_type": "comment", "body": "<p>Yes, until nine.</p>", "author": {"type": "admin", "name": "Bo"}},
        ]},
    }  # fmt: skip
    assert found(value) == [HI]


@pytest.mark.parametrize(
    "value",
    [
        {"name": "left-pad", "version": "1.0.0", "author": "A B", "contributors": [{"name": "C", "email": "c@d.e"}]},
        {"messages": [{"id": "app.title", "text": "Title"}, {"id": "app.help", "text": "Help me"}]},
        [{"ruleId": "semi", "severity": 2, "message": "Missing semicolon.", "line": 1}] * 3,
        [{"level": "info", "user": "ann", "message": "logged in now", "timestamp": "2024-01-01T10:00:00"},
         {"level": "info", "user": "bo", "message": "logged out now", "timestamp": "2024-01-01T10:01:00"}],
        [{"author": "Ann", "title": "One", "content": "A post.", "date": "2024-01-01"},
         {"author": "Bo", "title": "Two", "content": "A post.", "date": "2024-01-02"}],
        {"reviews": [{"author": "Ann", "rating": 5, "text": "Good one"},
                     {"author": "Bo", "rating": 1, "text": "Bad one"}]},
        {"title": "Post", "body": "Text of it",
         "comments": [{"author": "Ann", "text": "Nice one"}, {"author": "Bo", "text": "Yes it is"}]},
        {"question": "Frage", "answer": "Antwort", "cancel": "Abbrechen"},
        {"users": [{"name": "Ann", "role": "user"}, {"name": "Bo", "role": "assistant"}]},
        {"commits": [{"author": {"name": "Ann"}, "message": "Fix it"},
                     {"author": {"name": "Bo"}, "message": "Break it"}]},
        {"prompt": "$ ", "response": {"code": 200}},
        {"mapping": {"a": "b"}},
    ],
)  # fmt: skip
def test_other_json_is_left_alone(value: Any) -> None:
    assert found(value) == []


def test_the_users_choice_of_roles_counts() -> None:
    value = {"messages": [{"role": "user", "content": "a b"}, {"role": "assistant", "content": "c d"}]}
    chosen = turns(find_json_conversations, json_document(value), {"user": "assistant", "assistant": "user"})
    assert chosen == [[("assistant", "a b"), ("user", "c d")]]


def test_deep_and_strange_paths_are_read_to_their_end() -> None:
    deep: Any = "x"
    for _ in range(300):
        deep = {"messages": [deep]}
    assert found(deep) == []
    assert found([{"a.b[0]": "x", "a": {"b": ["y"]}, "[": "z", "]": "w", ".": "v"}]) == []
