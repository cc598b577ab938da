"""Who is the user and who the assistant."""

from __future__ import annotations

from src.agents.recognisers.roles import Roles


def test_role_words_in_many_languages() -> None:
    roles = Roles()
    for word in ("User", "Kunde", "Interviewer", "CUSTOMER 2", "Caller (Ann)", "用户", "Пользователь"):
        assert roles.of_label(word) == "user"
    for word in ("Assistant", "Berater", "Interviewee", "THE WITNESS", "Agent (Marta)", "助手", "Ассистент"):
        assert roles.of_label(word) == "assistant"
    assert roles.of_label("Ann") is None


def test_the_users_choice_goes_before_role_words() -> None:
    assert Roles({"Agent": "user"}).of_label("agent (Marta)") == "user"
    assert Roles({"Ann": "assistant"}).assign(["Ann", "Tom"]) == {"Ann": "assistant", "Tom": "user"}


def test_who_speaks_first_is_the_user_unless_a_word_says_otherwise() -> None:
    assert Roles().assign(["Ann", "Tom", "Mia"]) == {"Ann": "user", "Tom": "assistant", "Mia": "assistant"}
    assert Roles().assign(["Ann", "Interviewer"]) == {"Ann": "assistant", "Interviewer": "user"}


def test_counsel_asks_in_court() -> None:
    assigned = Roles().assign(["MR. HALE", "THE WITNESS", "MS. ORLOV", "THE COURT"], in_court=True)
    assert assigned == {"MR. HALE": "user", "THE WITNESS": "assistant", "MS. ORLOV": "user", "THE COURT": "user"}
