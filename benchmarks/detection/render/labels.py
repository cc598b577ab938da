"""A talk as paragraphs with labels: Q:/A:, User:/Assistant:, names, times. What TXT, Markdown, DOCX and PDF share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.detection.gold import Gold, gold_of, pairs_of
from benchmarks.detection.talks import Scribe, Talk

LOCAL_LABELS = {
    "en": ("Question", "Answer"), "de": ("Frage", "Antwort"), "fr": ("Question", "Réponse"),
    "es": ("Pregunta", "Respuesta"), "ja": ("質問", "回答"),
}  # fmt: skip
STARTERS = (
    "The following conversation took place in spring.", "What follows was taken down word for word.",
    "The answers were checked by the department.",
)  # fmt: skip


@dataclass(frozen=True)
class Body:
    """Paragraphs of a conversation (each may hold line breaks) and what must be found in them.

    `dense`: the paragraphs may stand on lines of their own without a blank line between them.
    """

    blocks: tuple[str, ...]
    gold: tuple[Gold, ...]
    dense: bool = False


Style = Callable[[Scribe], Body]
# Two names that speak once each cannot be told from two fields of a form: where only names tell the turns apart,
# both speak at least twice.
RECURRING = 4


def _labelled(talk: Talk, label: Callable[[int, bool], str], gold: tuple[Gold, ...], dense: bool = False) -> Body:
    blocks = tuple(label(number, said.asks) + said.text for number, said in enumerate(talk.said))
    return Body(blocks, gold, dense)


def q_and_a(scribe: Scribe) -> Body:
    talk = scribe.questions(1)
    first, second = scribe.rng.choice((("Q: ", "A: "), ("Q. ", "A. "), ("Q:\t", "A:\t"), ("Q:", "A:"), ("q: ", "a: ")))
    return _labelled(talk, lambda _, asks: first if asks else second, tuple(pairs_of(talk)), scribe.chance(0.4))


def numbered_labels(scribe: Scribe) -> Body:
    talk = scribe.questions()
    first, second = scribe.rng.choice(
        (("Q{}: ", "A{}: "), ("Q{}. ", "A{}. "), ("Question {}: ", "Answer {}: "), ("Question {}: ", "Answer: "),
         ("{}. Q: ", "A: "))
    )  # fmt: skip
    dense = scribe.chance(0.3)
    return _labelled(talk, lambda n, asks: (first if asks else second).format(n // 2 + 1), tuple(pairs_of(talk)), dense)


def numbered_questions(scribe: Scribe) -> Body:
    """1. A question?  and the answer below."""
    talk = scribe.questions(3, plain=True)
    mark = scribe.rng.choice(("{}. ", "{}) ", "({}) "))
    glue = scribe.rng.choice(("\n", "\n\n", "\n   "))
    pairs = pairs_of(talk)
    blocks = [f"{mark.format(n)}{q.text}{glue}{a.text}" for n, (q, a) in enumerate(pairs, start=1)]
    return Body(tuple(blocks), tuple(pairs))


def question_answer(scribe: Scribe) -> Body:
    talk = scribe.questions(1)
    forms = (("Question: ", "Answer: "), ("QUESTION: ", "ANSWER: "), ("Question:\n", "Answer:\n"))
    first, second = scribe.rng.choice(forms)
    return _labelled(talk, lambda _, asks: first if asks else second, tuple(pairs_of(talk)), scribe.chance(0.3))


def localised(scribe: Scribe) -> Body:
    talk = scribe.questions(2, language=scribe.rng.choice(("de", "fr", "es", "ja")))
    first, second = LOCAL_LABELS[talk.language]
    colon = {"ja": "：", "fr": " : "}.get(talk.language, ": ")
    return _labelled(talk, lambda _, asks: (first if asks else second) + colon, tuple(pairs_of(talk)))


def question_headings(scribe: Scribe) -> Body:
    """A question on a line of its own, the answer below."""
    talk = scribe.questions(3)
    pairs = pairs_of(talk)
    return Body(tuple(text for question, answer in pairs for text in (question.text, answer.text)), tuple(pairs))


def role_words(*choices: tuple[str, str]) -> Style:
    def write(scribe: Scribe) -> Body:
        talk = scribe.talk()
        first, second = scribe.rng.choice(choices)
        mark = scribe.rng.choice((": ", ": ", ": ", ":\n", ":  "))
        return _labelled(talk, lambda _, a: (first if a else second) + mark, (gold_of(talk),), scribe.chance(0.4))

    return write


user_assistant = role_words(("User", "Assistant"), ("USER", "ASSISTANT"), ("user", "assistant"))
human_ai = role_words(("Human", "AI"), ("Human", "Assistant"), ("You", "ChatGPT"), ("Me", "Bot"))
agent_customer = role_words(("Customer", "Agent"), ("Client", "Support"), ("Caller", "Operator"), ("Patient", "Doctor"))
interviewer = role_words(("Interviewer", "Interviewee"), ("INTERVIEWER", "INTERVIEWEE"), ("Student", "Tutor"))


def _named(scribe: Scribe, form: Callable[[str, int], str], least: int = RECURRING) -> Body:
    talk = scribe.talk(least=least)
    blocks = [form(talk.name_of(said), n) + said.text for n, said in enumerate(talk.said)]
    return Body(tuple(blocks), (gold_of(talk, first_is_user=True),), scribe.chance(0.4))


def names(scribe: Scribe, least: int = RECURRING) -> Body:
    short = scribe.rng.choice((str, str.upper, lambda name: name.split()[0], lambda name: name.split()[-1].upper()))
    mark = scribe.rng.choice((": ", ": ", ":\t"))
    return _named(scribe, lambda name, _: f"{short(name)}{mark}", least)


def brief_names(scribe: Scribe) -> Body:
    """As often as not each of the two speaks once only."""
    return names(scribe, least=2)


def speakers(scribe: Scribe) -> Body:
    """Speaker 1: and Speaker 2:, numbered in the order in which they speak."""
    talk = scribe.talk()
    word = scribe.rng.choice(("Speaker {}", "SPEAKER {}", "Person {}", "Speaker_0{}"))
    numbers = {asks: n for n, asks in enumerate(dict.fromkeys(said.asks for said in talk.said), start=1)}
    blocks = [f"{word.format(numbers[said.asks])}: {said.text}" for said in talk.said]
    return Body(tuple(blocks), (gold_of(talk, first_is_user=True),), scribe.chance(0.4))


def timed_names(scribe: Scribe) -> Body:
    """[10:32] NAME: and other transcripts with the time before or after the name."""
    form = scribe.rng.choice(
        ("[{t}] {n}: ", "[{t}:07] {n}: ", "{t} {n}: ", "{n} ({t}): ", "{n} [{t}]: ", "({t}) {n}: ", "{n} {t}\n")
    )
    start = scribe.rng.randint(540, 1000)

    def label(name: str, number: int) -> str:
        minute = start + number * 2
        return form.format(t=f"{minute // 60:02}:{minute % 60:02}", n=name)

    return _named(scribe, label, least=2)


def prompt_tags(scribe: Scribe) -> Body:
    """### Instruction / ### Response, ChatML and [INST]: how training text is written out."""
    talk = scribe.questions(1, 1)
    question, answer = pairs_of(talk)[0]
    forms = (
        "### Instruction:\n{q}\n\n### Response:\n{a}",
        "<|im_start|>user\n{q}<|im_end|>\n<|im_start|>assistant\n{a}<|im_end|>",
        "<s>[INST] {q} [/INST] {a} </s>",
    )  # fmt: skip
    return Body((scribe.rng.choice(forms).format(q=question.text, a=answer.text),), ((question, answer),))
