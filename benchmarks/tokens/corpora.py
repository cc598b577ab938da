"""The texts that are counted: short chats and long documents for speed, a torture text for exactness.

Speed is measured on what every Python brings: its help texts, cut into messages of a sentence or three, and its modules
whole, with some of the torture's writing in other scripts. Nothing is downloaded.
"""

from __future__ import annotations

import pydoc_data.topics
import random
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ROOT.parent / "shared" / "corpus" / "documents"

SCRIPTS = [
    "The quick brown fox can't jump 1,234.56 m; it's LAZY, isn't it?",
    "Größe und Maß: „Straße“, ẞ, ÄÖÜ; l'œuvre naïve coûte 5 €. ¿Qué tal, señor? Ğüneşli İstanbul ılık.",
    "Съешь же ещё этих мягких французских булок, да выпей чаю. Ђурђевак ґанок ўчора",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Ἐν ἀρχῇ ἦν ὁ λόγος",
    "שָׁלוֹם עולם! نص حكيم له سر قاطع ۱۲۳ ٤٥٦ پیچ ہے یہ اردو ہے۔",
    "ऋषियों को सताने वाले दुष्ट। আমি বাংলায় গান গাই தமிழ் மொழி తెలుగు భాష ಕನ್ನಡ മലയാളം ગુજરાતી ਪੰਜਾਬੀ සිංහල",
    "ภาษาไทยเขียนติดกันไม่เว้นวรรค ພາສາລາວ မြန်မာဘာသာ ភាសាខ្មែរ བོད་སྐད་ ",
    "我能吞下玻璃而不伤身体。我能吞下玻璃而不傷身體。東京特許許可局、カタカナとひらがな ｶﾀｶﾅ １２３",
    "키스의 고유조건은 입술끼리 만나야 하고 한국어 ㄱㄴㄷ",
    "አማርኛ ᏣᎳᎩ ᐃᓄᒃᑎᑐᑦ ქართული Հայերեն ᚠᛇᚻ ⠓⠑⠇⠇⠕ ᠮᠣᠩᠭᠣᠯ ߒߞߏ 𐍈𐌰𐌹 𓀀𓂀 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠮷𡈽",
    "👩\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈 🇩🇪🇯🇵 👍🏽 ⚖️ ❤️\u200d🔥 ☃ ✈︎ 1️⃣ ①② ½ ⅓ ² ∑∫√∞ ≠ ← ⟨x⟩ ﬁ ﷺ",
    "def f(x):",
    "\tif x != 0x1F:",
    '        return {"a": [1, 2.5e-3, None], \'b\': f"{x!r}"}  # TODO: fix_me <div class="x"> </div> <b>',
    "SELECT * FROM t WHERE a>=1 AND b LIKE '%x%'; http://example.org/a?b=c&d=%20#e user@example.org C:\\path\\n ```py",
    "```",
]
SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|eot_id|>",
    "<|begin_of_text|>",
    "<|start_header_id|>",
    "<|fim_prefix|>",
    "<s>",
    "</s>",
    "<unk>",
    "<pad>",
    "<bos>",
    "<eos>",
    "[INST]",
    "[/INST]",
    "[TOOL_CALLS]",
    "[control_8]",
    "<start_of_turn>",
    "<end_of_turn>",
    "<unused5>",
    "<0x0A>",
    "<0xFF>",
    "⟨bow⟩",
    "⟨eow⟩",
    "\\n\\nHuman:",
    "<mask>",
]
# Not assigned before Unicode 17, then: private, unassigned, controls, joiners, directions, variation selectors,
# combining marks, odd spaces, signs that tokenizers use themselves.
RARE = [chr(code) for code in (0x88F, 0xC5C, 0xCDC, 0x1ACF, 0x1AE0, 0xA7CE, 0xA7D2, 0xA7F1, 0x10940, 0x10EC5, 0x11B60)]
RARE += [chr(code) for code in (0x11DB0, 0x16EA0, 0x16FF2, 0x187F8, 0x18D09, 0x18D80, 0x1E6C0, 0x1E6FE)]
RARE += [
    chr(code) for code in (0xE000, 0xF8FF, 0x10FFFD, 0x378, 0xFFFE, 0xFDD0, 0xFDD3, 0, 1, 7, 0x1B, 0x7F, 0x85, 0x9F)
]
RARE += [chr(code) for code in (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD, 0x202E, 0x2066, 0xFE0F, 0xE0101, 0x301)]
RARE += [
    chr(code) for code in (0x342, 0x20DD, 0x5B0, 0x64B, 0x93C, 0xE4D, 0xE33, 0x1160, 0x180E, 0x2581, 0xFFFD, 0x3000)
]
SPACES = [" "] * 12 + [
    "  ",
    "   ",
    " " * 8,
    " " * 40,
    "\n",
    "\n\n",
    "\n" * 5,
    "\r\n",
    "\t",
    "\t\t",
    " \n",
    "\n ",
    " \t ",
    "",
]
SPACES += ["\u00a0", "\u2003", "\u3000", "\u2028", "\x0b", "\x0c", "\x85"]


def short_chats(count: int = 5000) -> list[str]:
    """Messages of about 165 bytes."""
    sentences = re.split(r"(?<=[.!?:])\s+", "\n".join(pydoc_data.topics.topics.values()))
    pick = random.Random(1)
    return [" ".join(sentences[(at := pick.randrange(len(sentences))) : at + 2])[:500] for _ in range(count)]


def long_documents() -> list[str]:
    """About 2.5 MB: a manual in English, modules of code, and a document in many scripts."""
    manual = "\n\n".join(pydoc_data.topics.topics.values())
    modules = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"), key=lambda path: -path.stat().st_size)[:20]
    written = "\n".join(strange_texts(1500, seed=3, rare=0))
    return [manual, *(path.read_text(encoding="utf-8") for path in modules), written]


def torture(count: int = 4000) -> list[str]:
    """Strange mixtures, each writing and each rare sign beside letters and spaces, and documents where they are."""
    beside = [
        form.format(sign) for sign in RARE for form in ("{0}", "a{0}b {0}", "{0}'s ", " {0}{0}\n{0}", "A{0}a1{0}\n")
    ]
    runs = [f"a{space * length}b" for space in " \n\t" for length in (1, 2, 15, 16, 17, 31, 32, 33, 79, 200)]
    runs += [sign * 300 for sign in ("=", "a", "Z", "9", "日", "é", "🚀", "\u0301")]
    return [*strange_texts(count, seed=2, rare=3), *beside, *runs, *SCRIPTS, *SPECIAL, "", *_documents()]


def strange_texts(count: int, seed: int, rare: int) -> Iterator[str]:
    """Words of all scripts with any space between them; about `rare` signs or special strings a text."""
    pick = random.Random(seed)
    words = [word for line in SCRIPTS for word in line.split(" ")]
    for _ in range(count):
        chosen = pick.choices(words, k=pick.randint(0, 25)) + pick.choices(SPECIAL + RARE, k=pick.randint(0, 2 * rare))
        if rare:
            pick.shuffle(chosen)
            yield "".join(word + pick.choice(SPACES) for word in chosen)
        else:
            yield " ".join(chosen)


def _documents() -> Iterator[str]:
    for path in sorted(DOCUMENTS.glob("*")):
        if path.suffix in (".html", ".json", ".csv", ".md", ".xml", ".txt"):
            yield path.read_text(encoding="utf-8", errors="replace")[:60_000]
