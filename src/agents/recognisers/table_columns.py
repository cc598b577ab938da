"""Find question and answer columns (also prompt/completion, instruction/input/output, customer/agent) in tables."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from src.agents.recognisers.conversation import Conversation, Turn, trimmed
from src.agents.recognisers.exports.json_tree import is_json
from src.agents.recognisers.roles import Roles
from src.records import Block, Document, Role, Span

NAME = "table columns"


def plain(name: str) -> str:
    """A column's name as it is compared: lower case words without accents, brackets and punctuation."""
    name = re.sub(r"\([^()]{0,40}\)|\[[^\[\]]{0,40}\]", " ", name[:100])
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|['’]s\b", " ", name)
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.findall(r"[^\W_\d]+|\d+", "".join(c for c in letters if not unicodedata.combining(c))))


def word_count(text: str) -> int:
    """The words of a text, two letters for one where they stand without spaces."""
    return len(text.split()) + sum(letter > "\u2e7f" for letter in text) // 2


def words(text: str) -> frozenset[str]:
    """The names of a list with commas, as they are compared."""
    return frozenset(word for part in text.split(",") if (word := plain(part)))


# Column names in the languages people keep such tables in.
_QUESTION = words(
    "question,questions,q,faq,frage,fragen,pregunta,preguntas,domanda,domande,pergunta,perguntas,vraag,vragen,fråga,"
    "spørgsmål,spørsmål,kysymys,pytanie,otázka,вопрос,питання,întrebare,kérdés,soru,ερώτηση,質問,问题,問題,提问,질문,"
    "سؤال,السؤال,שאלה,प्रश्न,сұрақ,pertanyaan,cau hoi,คำถาม"
)
_ANSWER = words(
    "answer,answers,a,antwort,antworten,respuesta,respuestas,réponse,réponses,risposta,risposte,resposta,respostas,"
    "antwoord,antwoorden,svar,vastaus,odpowiedź,odpověď,ответ,відповідь,răspuns,válasz,cevap,yanıt,απάντηση,回答,答案,"
    "答え,답변,대답,إجابة,جواب,الإجابة,תשובה,उत्तर,jawaban,tra loi,cau tra loi,คำตอบ"
)
ASKING = _QUESTION | _ANSWER
_PROMPT = words("prompt,prompts,instruction,instructions,anweisung,instrucción,instruções,istruzione,指令,指示,提示")
_ASKING = words("query,queries,request,inquiry,enquiry,anfrage,consulta,demande,richiesta,input,eingabe,entrada,输入")
_RESPONSE = words(
    "completion,completions,response,responses,reply,replies,output,outputs,ausgabe,salida,saída,sortie,risultato,输出,"
    "chosen,preferred"
)
_USER = words(
    "user,human,customer,client,caller,visitor,student,patient,guest,requester,interviewer,prompter,kunde,kundin,nutzer,"
    "benutzer,cliente,usuario,utilisateur,utente,usuário,klant,gebruiker,kund,клиент,пользователь,用户,客户,ユーザー,顧客,고객"
)
_ASSISTANT = words(
    "assistant,agent,bot,chatbot,ai,model,gpt,chatgpt,claude,gemini,llm,support,staff,advisor,adviser,representative,rep,"
    "expert,tutor,teacher,doctor,operator,interviewee,employee,helpdesk,assistent,assistentin,berater,mitarbeiter,agente,"
    "asistente,assistente,conseiller,medewerker,ассистент,оператор,助手,客服,アシスタント,상담원"
)
_WHAT = words(
    "message,messages,msg,text,turn,utterance,content,body,post,comment,says,said,statement,nachricht,mensaje,messaggio,"
    "mensagem,bericht,meddelande,сообщение,消息,メッセージ,prompt,response,reply,output,input,query,request,answer"
)
_FILLER = words(
    "the,of,to,from,by,for,and,s,your,our,my,in,full,final,best,accepted,correct,reference,expected,gold,golden,ideal,"
    "target,original,suggested,generated,sample,example,standard,approved,english,en,de,es,fr,frequently,asked,text,"
    "string,column,body,content,html,plain,raw,service,care"
)
_CONTEXT = words(
    "category,topic,section,subject,product,title,context,passage,background,kategorie,thema,categoría,catégorie,tema,"
    "rubrik,bereich,titel,título,titre"
)
_INPUT = words("input,eingabe,entrada,entrée,输入")
_FOLLOW_UP = {"follow", "up", "followup"}
_OPTION = re.compile(r"(?:option|choice|distractor|wahl)s? ?\w{0,2}|[a-f]")
_BARE = ("column 1", "column 2")  # of a table without header
_MANY = 5  # words: what is said rather than a name or a code


@dataclass(frozen=True, slots=True)
class Column:
    """What a column's name says. `weak` names also head tables of other things: "Customer", "Request".

    Of several columns for one role the one with the lowest `rank` counts; `number` tells rounds apart.
    """

    role: Role
    rank: int
    number: int
    weak: bool
    asks: bool = False  # a question or an answer, of which each pair stands for itself
    follows: bool = False  # a follow-up to the first


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a row says, and whether only the text of many rows can tell that it is talk."""

    conversation: Conversation
    columns: tuple[str, str]
    weak: bool


def find_table_conversations(document: Document, roles: Roles) -> Iterator[Conversation]:
    """One exchange for each row that has a question cell and an answer cell, or one for each pair of such cells.

    Columns whose names alone could be those of other tables ("Customer" and "Agent", "Input" and "Output") count
    only where most of their cells hold sentences.
    """
    yield from spoken(document, _found(document))


def _found(document: Document) -> Iterator[Exchange]:
    for block in document.blocks:
        if block.cells and not is_json(block):
            plan = plan_of(tuple([cell.name for cell in block.cells]))
            if plan:
                yield from exchanges(document, _row_of(document, block, plan), plan)


def spoken(document: Document, found: Iterable[Exchange]) -> Iterator[Conversation]:
    """The conversations of exchanges; of weak ones only those whose columns mostly hold sentences."""
    weak: dict[tuple[str, str], list[Conversation]] = defaultdict(list)
    for exchange in found:
        if exchange.weak:
            weak[exchange.columns].append(exchange.conversation)
        else:
            yield exchange.conversation
    for columns, group in weak.items():
        if columns == _BARE:
            if len(group) > 1 and all(_asks(document, conversation) for conversation in group):
                yield from group
        elif 2 * sum(_speaks(document, conversation) for conversation in group) > len(group):
            yield from group


def _asks(document: Document, conversation: Conversation) -> bool:
    """Whether the first cell is a question and the second none: all that tells in a table without header."""
    asked, said = (turn.text(document) for turn in conversation.turns)
    return asked.endswith(("?", "？")) and not said.endswith(("?", "？")) and " " in asked + said


def _speaks(document: Document, conversation: Conversation) -> bool:
    turns = [turn.text(document) for turn in conversation.turns if turn.role != "system"]
    words = [word_count(turn) for turn in turns]
    return min(words) > 1 and sum(words) >= _MANY * len(turns) and not any(turn[0] in "{[<" for turn in turns)


def _row_of(document: Document, block: Block, plan: Plan) -> dict[str, tuple[Span, ...]]:
    """The cells of a row that the plan needs and that hold something, by name."""
    row: dict[str, tuple[Span, ...]] = {}
    for name, start, end in block.cells:
        if name in plan.needed and name not in row:
            span = trimmed(document, block.start + start, block.start + end)
            if span is not None:
                row[name] = (span,)
    return row


@lru_cache(maxsize=1024)
def _columns(names: tuple[str, ...]) -> Mapping[str, Column]:
    """What the names of a table's columns say; "A" is an answer beside "Q" and an option beside "B"."""
    found = {name: column for name in names if (column := column_of(name))}
    letters = {plain(name) for name in names}
    return {name: column for name, column in found.items() if plain(name) not in ("q", "a") or {"q", "a"} <= letters}


@lru_cache(maxsize=4096)
def column_of(name: str) -> Column | None:
    """The role that a column's name gives to its cells, None when it names something else."""
    words = plain(name).split()
    phrase = " ".join(words)
    digits = [word for word in words if word.isdigit()]
    named = [word for word in words if not word.isdigit()]
    if len(digits) > 1 or not named or len(named) > 6:
        return None
    number = int(digits[0][:4]) if digits else 1
    rest = [word for word in named if word not in _FOLLOW_UP]
    if rest and len(rest) < len(named):
        column = _column(" ".join(rest), rest, 2)
        return replace(column, follows=True) if column else None
    return _column(phrase, named, number)


def _column(phrase: str, words: Sequence[str], number: int) -> Column | None:
    core = [word for word in words if word not in _FILLER] or list(words)
    extra = min(9, len(words) - 1)
    known = _QUESTION | _ANSWER | _PROMPT | _ASKING | _RESPONSE | _USER | _ASSISTANT | _WHAT
    if phrase in _QUESTION or phrase in _ANSWER:
        return Column("user" if phrase in _QUESTION else "assistant", 0, number, False, asks=True)
    if core[0] in ("system", "developer") and set(core[1:]) <= {"prompt", "message", "instruction"}:
        return Column("system", extra, number, False)
    if not set(core) <= known or (len(core) > 1 and {"q", "a"} & set(core)):
        return None
    if set(core) & _QUESTION:
        return Column("user", extra, number, False, asks=True)
    if set(core) & _ANSWER:
        return Column("assistant", extra, number, False, asks=True)
    who = [word for word in core if word in _USER or word in _ASSISTANT]
    if who:
        return Column("user" if who[-1] in _USER else "assistant", extra, number, len(who) == len(words))
    if set(core) & _PROMPT:
        return Column("user", extra, number, False)
    if set(core) & _ASKING:
        return Column("user", extra + 1, number, True)
    if set(core) & _RESPONSE:
        return Column("assistant", extra + 1, number, False)
    return None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to take from the rows of a table: the pairs of columns, and whether they are one talk."""

    pairs: tuple[tuple[str, str], ...]
    weak: tuple[bool, ...]
    one_talk: bool
    system: str | None
    more: str | None  # Alpaca: the input column is the second half of the instruction
    context: tuple[str, ...]
    options: bool  # columns of choices beside a question
    needed: frozenset[str]


@lru_cache(maxsize=1024)
def plan_of(names: tuple[str, ...]) -> Plan | None:
    """The plan for a table with columns of these names, None when it can hold no exchange."""
    if names == _BARE:
        return Plan((_BARE,), (True,), False, None, None, (), False, frozenset(_BARE))
    columns = _columns(names)
    if not {"user", "assistant"} <= {column.role for column in columns.values()}:
        return None
    pairs = tuple(pair for number in _numbers(columns) if (pair := _pair(columns, number)))
    pairs = pairs or tuple(pair for pair in [_pair(columns, None)] if pair)
    by_plain = {plain(name): name for name in reversed(names)}
    more = next((by_plain[name] for name in sorted(_INPUT) if name in by_plain), None)
    asks_more = more is not None and more != pairs[0][0] and bool(set(plain(pairs[0][0]).split()) & _PROMPT)
    system = _best(columns, "system", None)
    context = tuple(name for name in names if name not in columns and plain(name) in _CONTEXT)
    used = {name for pair in pairs for name in pair} | set(context) | {name for name in (system, more) if name}
    return Plan(
        pairs=pairs,
        weak=tuple(columns[user].weak or columns[assistant].weak for user, assistant in pairs),
        one_talk=len(pairs) > 1 and not all(columns[name].asks and not columns[name].follows for name in pairs[-1]),
        system=system,
        more=more if asks_more else None,
        context=context,
        options=sum(_OPTION.fullmatch(plain(name)) is not None for name in names) > 1,
        needed=frozenset(used),
    )


def exchanges(document: Document, row: Mapping[str, tuple[Span, ...]], plan: Plan) -> Iterator[Exchange]:
    """A row's exchanges: one for each pair of "Question 1", "Answer 1"; pairs of "User 1", "AI 1" make one talk."""
    talks: list[tuple[tuple[str, str], bool, tuple[Turn, Turn]]] = []
    for pair, weak in zip(plan.pairs, plan.weak, strict=True):
        asked, said = row.get(pair[0]), row.get(pair[1])
        if not asked or not said or not _is_text(document, asked):
            continue
        if plan.options and said[0].end - said[0].start <= 2:
            return  # the letter of a choice
        if plan.more and not talks:
            asked += row.get(plan.more, ())
        talks.append((pair, weak, (Turn("user", asked), Turn("assistant", said))))
    if not talks:
        return
    system = row.get(plan.system) if plan.system else None
    opening = (Turn("system", system),) if system else ()
    context = tuple([span for name in plan.context for span in row.get(name, ())])
    if plan.one_talk:
        turns = tuple(turn for _, _, two in talks for turn in two)
        yield Exchange(Conversation((*opening, *turns), NAME, context), *talks[0][:2])
        return
    for pair, weak, two in talks:
        yield Exchange(Conversation((*opening, *two), NAME, context), pair, weak)


def _numbers(columns: Mapping[str, Column]) -> list[int]:
    return sorted({column.number for column in columns.values() if column.role == "user"})


def _pair(columns: Mapping[str, Column], number: int | None) -> tuple[str, str] | None:
    user, assistant = _best(columns, "user", number), _best(columns, "assistant", number)
    return (user, assistant) if user and assistant else None


def _best(columns: Mapping[str, Column], role: Role, number: int | None) -> str | None:
    """The column that names the role most plainly; of equals the first."""
    fitting = [name for name, one in columns.items() if one.role == role and number in (None, one.number)]
    return min(fitting, key=lambda name: columns[name].rank, default=None)


def _is_text(document: Document, spans: Sequence[Span]) -> bool:
    """Whether a cell holds words, and not a number or the translation of the column's own name."""
    text = document.text[spans[0].start : min(spans[0].end, spans[0].start + 200)]
    return len(text) > 1 and any(letter.isalpha() for letter in text) and (" " in text or column_of(text) is None)
