"""Who is the user and who the assistant: role words, the order in which people speak, and the user's own choice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from src.records import Role

_USER = (
    "user", "human", "customer", "client", "caller", "visitor", "student", "patient", "interviewer", "you", "me",
    "question", "q", "prompter", "buyer", "shopper", "guest user", "learner", "pupil", "reporter", "journalist",
    "moderator", "host", "the court", "court", "judge", "the judge", "prosecutor", "defense", "prosecution", "attorney",
    "counsel", "lawyer", "examiner", "questioner", "asker", "requester", "employee", "tenant", "traveler", "traveller",
    # German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Chinese, Japanese, Korean
    "nutzer", "benutzer", "mensch", "kunde", "kundin", "anrufer", "anruferin", "schüler", "schülerin", "patientin",
    "interviewerin", "moderatorin", "richter", "richterin", "ich",
    "utilisateur", "utilisatrice", "humain", "cliente", "cliente", "élève", "étudiant", "étudiante", "animateur", "moi",
    "usuario", "usuaria", "humano", "alumno", "alumna", "estudiante", "paciente", "entrevistador", "entrevistadora",
    "utente", "umano", "studente", "paziente", "intervistatore", "intervistatrice", "usuário", "aluno", "utilizador",
    "gebruiker", "klant", "użytkownik", "klient", "пользователь", "клиент", "студент", "пациент", "интервьюер",
    "ведущий", "用户", "用戶", "客户", "顾客", "学生", "患者", "记者", "ユーザー", "お客様", "顧客", "生徒", "聞き手",
    "사용자", "고객", "학생", "환자",
)  # fmt: skip
_ASSISTANT = (
    "assistant", "ai", "ai assistant", "bot", "chatbot", "agent", "support", "support agent", "chatgpt", "gpt",
    "claude", "gemini", "advisor", "representative", "operator", "tutor", "teacher", "doctor", "interviewee", "model",
    "answer", "a", "virtual assistant", "gpt-4", "gpt-3.5", "copilot", "bard", "llm", "language model", "adviser",
    "customer service", "customer support", "service agent", "sales rep", "service rep", "rep", "csr", "helpdesk",
    "help desk", "technician", "professor", "instructor", "coach", "mentor", "therapist", "counselor", "counsellor",
    "physician", "nurse", "expert", "witness", "the witness", "the deponent", "deponent", "candidate", "applicant",
    "respondent", "librarian", "pharmacist", "consultant", "seller", "salesperson", "staff", "support team",
    "assistent", "assistentin", "ki", "mitarbeiter", "mitarbeiterin", "berater", "beraterin", "kundenservice",
    "lehrer", "lehrerin", "arzt", "ärztin", "zeuge", "zeugin", "kundendienst",
    "assistante", "ia", "agente", "conseiller", "conseillère", "professeur", "médecin", "témoin", "service client",
    "asistente", "profesor", "profesora", "médico", "entrevistado", "entrevistada", "testigo", "soporte",
    "assistente", "operatore", "professore", "medico", "intervistato", "intervistata", "testimone", "atendente",
    "medewerker", "asystent", "konsultant", "ассистент", "помощник", "оператор", "преподаватель", "врач", "бот",
    "консультант", "свидетель", "助手", "客服", "机器人", "老师", "医生", "人工智能", "アシスタント", "オペレーター",
    "先生", "医師", "担当者", "어시스턴트", "상담원", "챗봇", "선생님", "의사",
)  # fmt: skip
ROLE_WORDS: Mapping[str, Role] = {
    **dict.fromkeys(_USER, "user"),
    **dict.fromkeys(_ASSISTANT, "assistant"),
    **dict.fromkeys(("system", "system prompt", "system message", "système", "sistema", "система", "系统", "システム"),
                    "system"),
}  # fmt: skip
# In a court the lawyers ask, whoever speaks first.
_COUNSEL = re.compile(r"(?:by )?(?:mr|ms|mrs|miss)\.? \w")
_NUMBER = re.compile(r"[ #]*\d{1,4}$")


@dataclass(frozen=True, slots=True)
class Roles:
    """Maps speakers to roles. `chosen` is what the user of the tool set under agent.identify.roles, by name."""

    chosen: Mapping[str, Role] = field(default_factory=dict)

    def of_choice(self, label: str) -> Role | None:
        """The role the user of the tool chose for a label."""
        return (
            {plain_name(key): role for key, role in self.chosen.items()}.get(plain_name(label)) if self.chosen else None
        )

    def of_label(self, label: str) -> Role | None:
        """The role a label names by itself: the user's choice, else a known role word, else None.

        "Customer 2" and "Agent (Marta)" are customer and agent.
        """
        if self.chosen:
            for known in _forms_of(label):
                role = self.of_choice(known) or ROLE_WORDS.get(known)
                if role is not None:
                    return role
        return _role_word(label)

    def assign(self, speakers: Iterable[str], in_court: bool = False) -> dict[str, Role]:
        """A role for each speaker, given in the order they first speak.

        Choices and role words come first; of the others the first is the user, unless someone else is, and the
        rest are assistants. `in_court`: who is called Mr. or Ms. is counsel, and asks.
        """
        ordered = list(dict.fromkeys(speakers))
        assigned: dict[str, Role] = {name: role for name in ordered if (role := self.of_label(name))}
        for name in ordered:
            if name not in assigned and in_court and _COUNSEL.match(plain_name(name)):
                assigned[name] = "user"
        for name in ordered:
            if name not in assigned:
                taken = "user" in assigned.values()
                assigned[name] = "assistant" if taken else "user"
        return assigned


@lru_cache(maxsize=1 << 14)
def _role_word(label: str) -> Role | None:
    return next((ROLE_WORDS[known] for known in _forms_of(label) if known in ROLE_WORDS), None)


def _forms_of(label: str) -> tuple[str, str, str]:
    """A label as it is compared: whole, without a number at its end, without what stands in brackets."""
    name = plain_name(label)
    return name, _NUMBER.sub("", name), name.partition("(")[0].strip()


@lru_cache(maxsize=1 << 14)  # labels come back
def plain_name(label: str) -> str:
    """A label as it is compared: lower case, single spaces, without marks around it."""
    return " ".join(label.strip(" \t*_#[]()<>:：").lower().split())
