"""Write chat files of any size: the same ones every time, no two rows alike, in every provider's own format.

The texts are prose and code from Python's own reference (English) and sentences in eleven other languages.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from pydoc_data.topics import topics

SEED = 20261121
_KINDS = 4_000
_OTHERS = (
    "Können Sie mir bitte erklären, warum die Rechnung für März noch nicht geprüft wurde? Wir zahlen in Raten.",
    "La commande a été expédiée hier soir ; le colis arrivera à l'entrepôt de Besançon avant vendredi, sauf imprévu.",
    "¿Cuánto tiempo tarda la devolución? Según su página son diez días hábiles, pero ya han pasado más de quince.",
    "Замовлення вже передано кур'єрській службі, а номер для відстеження надійде на вашу пошту сьогодні ввечері.",
    "Сначала проверьте, включён ли режим полёта; если да, выключите его и перезапустите приложение ещё раз.",
    "请先检查网络连接,然后重新登录账户。如果问题仍然存在,请把错误信息的截图发给我们的客服人员。",
    "ご注文の商品は本日発送いたしました。到着まで三日ほどかかる場合がございますので、ご了承ください。",
    "هل يمكنني تغيير عنوان التسليم بعد تأكيد الطلب؟ نعم، ما دام الطرد لم يغادر المستودع بعد.",
    "आपका भुगतान सफल रहा है। रसीद आपके ईमेल पते पर भेज दी गई है; कृपया स्पैम फ़ोल्डर भी देख लें।",
    "Siparişiniz kargoya verildi; takip numarası kısa süre içinde telefonunuza mesaj olarak gönderilecektir.",
    "주문하신 상품이 품절되어 환불해 드렸습니다. 불편을 드려 죄송하며 다음 구매 때 쓸 쿠폰을 보내 드렸습니다.",
)
_SYSTEMS = (
    "You are a patient teacher of Python. Answer in full sentences and show short examples.",
    "You answer customers of a small web shop politely, briefly and in their own language.",
    "You review code. Name the problem first, then propose a change.",
)
Shape = Callable[[str, Sequence[str]], str]


def write_chats(path: Path, size: int, provider: str = "openai") -> Path:
    """A file of at least so many bytes; about one row in three has a system message, a row has one to three turns."""
    shape = _SHAPES[provider]
    with path.open("wb", buffering=1 << 20) as stream:
        written = 0
        for row in _rows(shape):
            written += stream.write(row)
            if written >= size:
                return path
    raise AssertionError("unreachable")


def _rows(shape: Shape) -> Iterator[bytes]:
    rng = random.Random(SEED)
    questions = [json.dumps(text, ensure_ascii=False)[:-1] for text in _texts(rng, 60, 400)]
    answers = [json.dumps(text, ensure_ascii=False) for text in _texts(rng, 150, 1_200)]
    systems = [json.dumps(text) for text in _SYSTEMS]
    number = 0
    while True:
        number += 1
        system = rng.choice(systems) if rng.random() < 0.35 else ""
        texts: list[str] = []
        for turn in range(rng.choice((1, 1, 2, 3))):
            # The number keeps rows apart, as an order's or a ticket's does.
            texts += (f'{rng.choice(questions)} (#{number}-{turn})"', rng.choice(answers))
        yield shape(system, texts).encode("utf-8")


def _texts(rng: random.Random, least: int, most: int) -> list[str]:
    paragraphs = [
        " ".join(part.split())
        for topic in sorted(topics)
        for part in re.split(r"\n\s*\n", topics[topic])
        if len(part) > 80
    ]
    made = []
    for _ in range(_KINDS):
        text = ""
        wanted = rng.randint(least, most)
        while len(text) < wanted:
            text += rng.choice(_OTHERS if rng.random() < 0.12 else paragraphs) + "\n"
        made.append(text[:wanted].strip())
    return made


def _messages(system: str, texts: Sequence[str]) -> str:
    head = [f'{{"role": "system", "content": {system}}}'] if system else []
    turns = [f'{{"role": "{("user", "assistant")[index % 2]}", "content": {text}}}' for index, text in enumerate(texts)]
    return f'{{"messages": [{", ".join(head + turns)}]}}\n'


def _bedrock(system: str, texts: Sequence[str]) -> str:
    row = _messages("", texts)
    return f'{{"system": {system}, {row[1:]}' if system else row


def _vertex(system: str, texts: Sequence[str]) -> str:
    head = f'"systemInstruction": {{"role": "system", "parts": [{{"text": {system}}}]}}, ' if system else ""
    turns = [
        f'{{"role": "{("user", "model")[index % 2]}", "parts": [{{"text": {text}}}]}}'
        for index, text in enumerate(texts)
    ]
    return f'{{{head}"contents": [{", ".join(turns)}]}}\n'


_SHAPES: dict[str, Shape] = {
    "openai": _messages,
    "anthropic": _bedrock,
    "google": _vertex,
    "mistral": _messages,
    "llama": _messages,
}
