"""Encodings: what a mark or the bytes prove, what is guessed, and what does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.pieces import Remarks
from src.ingestion.text.text_decoding import BLOCK, TextDecoder, decoded, decoded_head, looks_binary, text_blocks

MIXED_LETTERS = "Grüße aus Köln, and a longer English sentence.\n\n再见"


def text_of(content: bytes, folder: Path) -> tuple[str, Remarks]:
    path = folder / "a.txt"
    path.write_bytes(content)
    remarks = Remarks()
    return "".join(text_blocks(path, remarks)), remarks


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_unicode_encodings_give_the_same_text(codec: str, tmp_path: Path) -> None:
    text, remarks = text_of(MIXED_LETTERS.encode(codec), tmp_path)

    assert text == MIXED_LETTERS
    assert remarks.notes == remarks.warnings == []


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_chinese_in_utf_16_without_a_mark(codec: str, tmp_path: Path) -> None:
    chinese = "问题：这是什么？\n回答：这是一个测试。您可以在购买后十四天内退货。\n"

    assert text_of(chinese.encode(codec), tmp_path)[0] == chinese


def test_stray_zeros_do_not_make_utf_16(tmp_path: Path) -> None:
    assert text_of(b"Q: a\x00b?\nA: c\x00d\n", tmp_path)[0] == "Q: a\0b?\nA: c\0d\n"


@pytest.mark.parametrize("codec", ["iso2022_jp", "iso2022_kr"])
def test_seven_bit_encodings_are_told_by_their_escapes(codec: str, tmp_path: Path) -> None:
    text = "日本" if codec == "iso2022_jp" else "한국"

    assert text_of(f"ASCII, then {text}.\n".encode(codec), tmp_path)[0] == f"ASCII, then {text}.\n"


LEGACY = {
    "cp1252": [
        "Où est le café ? À côté de la forêt, près du château.",
        "Die Größe der Öffnung beträgt fünf Zentimeter, sagte Jürgen über die Tür.",
        "¿Cómo se llama el niño? Mañana iremos al corazón de España.",
        "Não há informações sobre as condições de devolução.",
        "“Smart” — it’s €5? Yes… that’s right.",
    ],
    "cp1254": ["Satın aldığınız tarihten itibaren on dört gün içinde geri gönderebilirsiniz."],
    "cp1250": ["Czy mogę zwrócić produkt? Tak, proszę wysłać go w ciągu czternastu dni."],
    "cp1251": ["Как вернуть товар? Вы можете вернуть товар в течение четырнадцати дней."],
    "cp932": ["質問：これは何ですか。\n回答：テストです。\n"],
    "euc_jp": ["質問：これは何ですか。\n回答：テストです。\n"],
    "gb18030": ["问题：这是什么？回答：这是一个测试。您可以在购买后十四天内退货，我们会把钱退给您。"],
    "cp949": ["질문: 이것은 무엇입니까? 답변: 이것은 시험입니다. 구입 후 십사 일 이내에 반품할 수 있습니다."],
}


@pytest.mark.parametrize(("codec", "text"), [(codec, text) for codec, texts in LEGACY.items() for text in texts])
def test_legacy_encodings_of_short_texts_are_guessed_and_named(codec: str, text: str, tmp_path: Path) -> None:
    found, remarks = text_of(text.encode(codec), tmp_path)

    assert found == text
    assert "not UTF-8" in remarks.notes[0] and "guess" in remarks.notes[0]


def test_ascii_for_megabytes_and_then_latin_1_is_read_in_one_pass(tmp_path: Path) -> None:
    text = "plain words\n" * (BLOCK // 4) + "und die Größe der Öffnung über der Tür\n"

    assert text_of(text.encode("latin-1"), tmp_path)[0] == text


def test_western_lines_within_utf_8_are_read_and_counted(tmp_path: Path) -> None:
    content = "Q: café, naïve?\n".encode() + "A: café\n".encode("latin-1") + b"\x93quoted\x94\n"

    text, remarks = text_of(content, tmp_path)

    assert text == "Q: café, naïve?\nA: café\n“quoted”\n"
    assert "mixed encodings" in remarks.warnings[0] and "(3 bytes)" in remarks.warnings[0]


def test_few_bytes_that_fit_no_encoding_are_replaced_and_counted(tmp_path: Path) -> None:
    japanese = "これは何ですか。テストです。商品を返品します。\n".encode("cp932")

    text, remarks = text_of(japanese * 50 + b"\x85\x01\n" + japanese, tmp_path)

    assert text.count("�") == 1
    assert "replacement characters" in remarks.warnings[0] and "(1 byte)" in remarks.warnings[0]


def test_garbage_is_refused(tmp_path: Path) -> None:
    japanese = "これは何ですか。\n".encode("cp932")

    with pytest.raises(IngestionError, match=r"a\.txt is in an unknown character encoding"):
        text_of(japanese * (BLOCK // 8) + b"\x85\x01" * 40_000, tmp_path)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-32"])
def test_letters_over_the_end_of_a_block_are_whole(codec: str, size: int) -> None:
    content = MIXED_LETTERS.encode(codec)
    decoder = TextDecoder("a.txt")
    first = 8  # the first block shows the encoding

    text = decoder.decode(content[:first])
    text += "".join(decoder.decode(content[at : at + size]) for at in range(first, len(content), size))

    assert text + decoder.decode(b"", final=True) == MIXED_LETTERS


@pytest.mark.parametrize("codec", ["utf-8", "no-such-codec", "base64", "punycode", "ascii"])
def test_a_wrong_declaration_is_found_out(codec: str) -> None:
    assert decoded("près du château".encode("cp1252"), "a", Remarks(), codec) == "près du château"


def test_heads_are_decoded_without_guessing() -> None:
    assert decoded_head("é".encode()[:1]) == ""
    assert decoded_head(b"caf\xe9 ol\xe9") == "café olé"
    assert decoded_head("ab".encode("utf-16")) == "ab"


def test_binary_is_told_from_text() -> None:
    assert looks_binary(bytes(range(32)) * 9)
    assert not looks_binary("Ärger\t\x1b[0m\n".encode())
    assert not looks_binary("wide".encode("utf-16-le"))
