"""Abuse and crises are found by their words; everyday, technical and medical texts are left alone."""

from __future__ import annotations

import pytest

from src.analysis.safety.crisis import find_crisis
from src.analysis.safety.lexicon import LEXICON
from src.analysis.safety.toxicity import find_toxicity


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("This is bullshit.", 1),
        ("What an asshole.", 2),
        ("What an a55hole.", 2),
        ("You are a pathetic idiot.", 2),
        ("I hate all these immigrants.", 3),
        ("Women are worthless.", 3),
        ("Gay people should be shot.", 3),
        ("I will kill you.", 3),
        ("Kill yourself.", 3),
    ],
)
def test_abuse_is_found_with_its_severity(text: str, severity: int) -> None:
    assert max(match.severity for match in find_toxicity(text)) == severity


@pytest.mark.parametrize(
    "text",
    [
        "Kill the process with signal nine, and then kill its children.",
        "Gay rights and women's rights were debated.",
        "Breast cancer and anal glands are treated in another clinic.",
        "The bitch had six puppies, the cock crowed.",
        "I hate artichokes.",
        "Immigrants are not criminals.",
        "Women are paid less than men.",
        "Muslims are about a quarter of humanity.",
        "A suicide gene makes cells die.",
        "The master and slave drives are jumpered.",
        "Nobody should kill women.",
        '"Women are worthless" is a hateful thing to say.',
        "Scunthorpe, Essex and Penistone are towns.",
        "Spastic paralysis and a retarded growth were seen in the study.",
    ],
)
def test_ordinary_words_are_no_abuse(text: str) -> None:
    assert find_toxicity(text) == []


def test_the_word_list_is_whole_and_without_blanks() -> None:
    assert len(LEXICON) > 150
    assert all(word == word.strip().lower() and word for word in LEXICON)
    assert set(LEXICON.values()) == {1, 2, 3}


@pytest.mark.parametrize(
    "text",
    [
        "I want to kill myself.",
        "I don't want to live anymore.",
        "I wish I was dead.",
        "Sometimes I feel like I want to die.",
        "Everyone would be better off without me.",
        "What is the easiest way to end my life?",
        "I keep cutting myself when things go wrong.",
        "I have been feeling suicidal lately.",
        "Ich will nicht mehr leben.",
        "Je veux mourir.",
    ],
)
def test_crises_are_found(text: str) -> None:
    assert find_crisis(text)


@pytest.mark.parametrize(
    "text",
    [
        "The suicide rate fell by three percent.",
        "Suicide prevention is taught in schools.",
        "I am dying to know how it ends.",
        "This kills me.",
        "How do I kill a process by myself?",
        "I cut myself some slack.",
        "I cut myself while shaving.",
        "Patients with suicidal ideation are referred.",
        "In the novel he wanted to die.",
        "I want to diet.",
    ],
)
def test_medicine_and_figures_of_speech_are_no_crisis(text: str) -> None:
    assert find_crisis(text) == []


@pytest.mark.parametrize("part", ["you are ", "women are ", "kill ", "I will ", "a4", "hate all ", '"', "I want to "])
def test_time_grows_with_the_text_only(part: str) -> None:
    """With a square in it this would take minutes."""
    text = part * (100_000 // len(part)) + "myself women"
    assert isinstance(find_toxicity(text), list)
    assert isinstance(find_crisis(text), list)
