"""Every family of files: what it is called, how it is written, how its texts are compared, which bar it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.detection import gold
from benchmarks.detection.gold import Gold, Normal
from benchmarks.detection.render import captions, chats, exports, labels, mail, office, pdf, scripts, sheets, web
from benchmarks.detection.render import text_files as text
from benchmarks.detection.talks import Scribe

TEXT, TABLES, EXTRA = "labelled text", "exports and tables", "shown only"
Write = Callable[[Path, Scribe], list[Gold]]


@dataclass(frozen=True)
class Family:
    """`files` files named `suffix`, each written by `write` with a Scribe of its own."""

    name: str
    suffix: str
    write: Write
    group: str = TEXT
    normal: Normal = gold.exact
    files: int = 6
    latin_only: bool = False


LABELS: dict[str, labels.Style] = {
    "Q: A:": labels.q_and_a,
    "Q1: A1:": labels.numbered_labels,
    "1. question": labels.numbered_questions,
    "Question: Answer:": labels.question_answer,
    "Frage: Antwort:": labels.localised,
    "question lines": labels.question_headings,
    "User: Assistant:": labels.user_assistant,
    "Human: AI:": labels.human_ai,
    "Customer: Agent:": labels.agent_customer,
    "Interviewer:": labels.interviewer,
    "NAME:": labels.names,
    "Speaker 1:": labels.speakers,
    "[10:32] NAME:": labels.timed_names,
    "initials": scripts.initials,
    "magazine": scripts.dash_interview,
    "three voices": scripts.three_voices,
    "Q. A. brief": scripts.plain_deposition,
    "prompt tags": labels.prompt_tags,
}
IN_MARKDOWN: dict[str, labels.Style] = {
    "**Question**": text.bold_labels,
    "**a question?**": text.bold_questions,
    "### a question?": text.question_sections,
    **{name: LABELS[name] for name in ("Q: A:", "User: Assistant:", "NAME:")},
}
IN_WORD = ("Q: A:", "Question: Answer:", "User: Assistant:", "NAME:", "[10:32] NAME:", "Speaker 1:", "Q1: A1:")
IN_PDF = ("Q: A:", "1. question", "User: Assistant:", "Interviewer:", "NAME:", "Q. A. brief")
IN_COLUMNS = ("Q: A:", "NAME:")


def families() -> list[Family]:
    return [*_text(), *_pages(), *_tables(), *_chats(), *_exports()]


def _text() -> list[Family]:
    found = [Family(f"txt {name}", ".txt", partial(text.plain_text, style)) for name, style in LABELS.items()]
    found += [
        Family("txt deposition pages", ".txt", scripts.deposition),
        Family("txt screenplay", ".txt", scripts.screenplay),
        Family("txt ticket", ".txt", mail.ticket, files=12),
    ]
    marked = gold.without_marks
    found += [
        Family(f"md {name}", ".md", partial(text.markdown, style), normal=marked) for name, style in IN_MARKDOWN.items()
    ]
    found += [
        Family(f"html {form}", ".html", partial(web.faq_page, form), normal=marked, files=4) for form in web.FORMS
    ]
    found.append(Family("html names", ".html", web.transcript_page, normal=marked, files=4))
    loose = ("Q: A:", "User: Assistant:", "NAME:")
    found += [
        Family(f"txt {name}, prose follows", ".txt", partial(text.prose_follows, LABELS[name]), group=EXTRA)
        for name in loose
    ]
    found.append(Family("txt NAME:, also once each", ".txt", partial(text.plain_text, labels.brief_names), group=EXTRA))
    return found


def _pages() -> list[Family]:
    marked, wrapped = gold.without_marks, gold.without_hyphens
    found = [
        Family(f"docx {name}", ".docx", partial(office.word, LABELS[name]), normal=marked, files=4) for name in IN_WORD
    ]
    found.append(Family("docx question headings", ".docx", office.word_questions, normal=marked, files=4))
    found += [
        Family(f"pdf {name}", ".pdf", partial(pdf.pdf, LABELS[name]), normal=wrapped, files=4, latin_only=True)
        for name in IN_PDF
    ]
    found += [
        Family(
            f"pdf two columns {name}", ".pdf", partial(pdf.pdf, LABELS[name], columns=2),
            normal=wrapped, files=4, latin_only=True,
        )
        for name in IN_COLUMNS
    ]  # fmt: skip
    found += [
        Family("pptx Q: A:", ".pptx", office.slides, normal=marked, files=4),
        Family("pptx question titles", ".pptx", office.question_slides, normal=marked, files=4),
    ]
    return found


def _tables() -> list[Family]:
    marked = gold.without_marks
    forms: dict[str, sheets.Table] = {
        "question columns": sheets.question_rows,
        "speaker rows with ids": sheets.spoken_rows,
        "speaker rows": sheets.one_dialogue,
    }
    found = [Family(f"xlsx {name}", ".xlsx", partial(sheets.workbook, form), TABLES) for name, form in forms.items()]
    found += [
        Family(f"csv {name}", ".csv", partial(sheets.comma_separated, form), TABLES) for name, form in forms.items()
    ]
    return [
        *found,
        Family("docx tables", ".docx", office.word_tables, TABLES, files=4),
        Family("pptx table", ".pptx", office.slide_table, TABLES, files=4),
        Family("md table", ".md", text.markdown_table, TABLES, marked, files=4),
        Family("html table", ".html", web.table_page, TABLES, marked, files=4),
    ]


def _chats() -> list[Family]:
    found = [
        Family("whatsapp android", ".txt", partial(chats.whatsapp, chats.ANDROID), files=16),
        Family("whatsapp ios", ".txt", partial(chats.whatsapp, chats.IOS), files=12),
        Family("teams copy", ".txt", chats.teams, files=12),
        Family("eml top posted", ".eml", mail.top_posted, normal=gold.exact, files=12),
        Family("eml inline replies", ".eml", mail.inline_replies, files=12),
    ]
    for form in ("voice", "name", "first name"):
        suffixes = (".vtt",) if form == "voice" else (".vtt", ".srt")
        found += [
            Family(f"{suffix[1:]} {form}", suffix, partial(captions.captions, form), files=8) for suffix in suffixes
        ]
    return found


def _exports() -> list[Family]:
    shapes = {"slack": chats.slack, "discord": chats.discord, "telegram": chats.telegram}
    found = [Family(f"json {name}", ".json", partial(chats.as_json, form), TABLES) for name, form in shapes.items()]
    forms: list[tuple[str, str, Write]] = [
        ("chatgpt", ".json", exports.chatgpt), ("claude", ".json", exports.claude),
        ("sharegpt", ".json", exports.sharegpt),
        ("openai", ".jsonl", exports.openai_messages), ("openai parts", ".json", exports.openai_parts),
        ("alpaca", ".jsonl", exports.alpaca), ("alpaca", ".json", exports.alpaca),
        ("prompt columns", ".jsonl", exports.prompt_completion), ("gemini", ".jsonl", exports.gemini),
        ("ticket", ".json", mail.ticket_json),
    ]  # fmt: skip
    return [*found, *(Family(f"{suffix[1:]} {name}", suffix, write, TABLES) for name, suffix, write in forms)]
