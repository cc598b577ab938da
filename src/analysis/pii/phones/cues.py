"""The words that say that a number is a telephone number, or that it is something else."""

from __future__ import annotations

import re

from src.analysis.pii.scan import Scan, last_end

_PHONE_WORD = re.compile(
    r"(?:\b(?:tele)?phones?\b|\btel\b\.?|\bph\b[.:]|\bcell(?:phone|ular)?\b|\bmobiles?\b|\bfax\b"
    r"|(?<!recent )\bcall(?:s|ed|ing)?\b(?! to | of )|\bdial(?:l?ed|l?ing)?\b|\bring\b|\bwhats ?app\b"
    r"|\bsms\b|(?<!this )(?<!the )(?<!a )\btext(?:ed|ing)?\b(?! file| box)|\breach\b|\bcontact\b"
    r"|\bmessages?\b|\bhotline\b"
    r"|\bhelpline\b|\banswering\b|\blandline\b|\bdesk:|\bregistered\b"
    r"|\b(?:my|his|her|their|our|your) (?:new |old |current |other )?number\b|\bvoice ?mail\b|\bpager\b"
    r"|\bsignal\b|\btelegram\b"
    r"|\btelefon\w*|\bhandy\w*|\bmobil\w*|\brufnummer|\bdurchwahl|\banruf\w*|\banrufen|\bruf\w* "
    r".{0,20}\ban\b|\berreich\w*|\btél(?:éphone)?\b\.?|\bportable\b|\bappel\w*|\bjoindre\b"
    r"|\btel[eé]fono\b|\bm[oó]vil\b|\bllam\w+|\bcelular\b|\bcellulare\b|\bchiam\w+|\btelefone\b"
    r"|\btelem[oó]vel\b|\blig(?:ue|ar|a)\b|\btelefoon\w*|\bmobiel\w*|\bbel(?:len)?\b"
    r"|\bkomórk\w*|\bzadzwo\w*|\bnumer\b|\bring(?:a|e)?\b|\bpuhelin\w*|\bmatkapuhelin\w*|\bsím[ai]\b|[☎📞📱✆])",
    re.I,
)  # fmt: skip
_PHONE_WORD_AFTER = re.compile(
    (
        r"[ \t]{0,3}[(\[]?(?:office|mobile|fax|cell|home|work|desk|phone|tel|whatsapp|mobil|büro|privat)\b"
        r"|[^.\n\d]{0,18}\b(?:phone|telephone|cell|mobile|telefon\w*|téléphone|tel[eé]fono|telefone)\b"
    ),
    re.I,
)
_OTHER_WORD = re.compile(
    r"\b(?:order|orders|invoice|isbn|issn|sku|serial|refs?|reference|ticket|tracking|parcel|version"
    r"|part|model|batch|lot|case|docket|policy"
    r"|account|acct|iban|card|cards|cc|vat|tax|ssn|social security|sin|zip|postal|plz|postcode"
    r"|coordinates?|lat|latitude|lon|longitude|port|pid|timestamp|epoch"
    r"|hash|build|doi|pmid|rfc|licen[cs]e|licen[cs]e number is|driver'?s|plate|passport|item|product"
    r"|catalog(?:ue)?|barcode|ean|upc|gtin|asin|imei|vin|rev|chapter|section"
    r"|pages?|pp|fig|figure|table|row|line|lines|id|ids|uid|uuid|user ?id|customer|patient|member"
    r"|employee|student|room|flight|population|score|seed|value|total|amount|price"
    r"|cost|sum|eur|usd|gbp|euros?|dollars?|pounds?|bestell\w*|rechnung\w*|kunden\w*|auftrags?\w*"
    r"|sendung\w*|aktenzeichen|steuer\w*|commande|facture|pedido|factura|ordine"
    r"|fattura|numéro de série|matrícula|siret|siren|kvk|bsn|cpf|cnpj|nif|dni|nie|pesel|nip|regon"
    r"|aadhaar|aadhar|npi|ein|swift|bic|mrn|tx|txn|transaction|confirmation|booking|code|pin|dated?"
    r"|since|from|between|range|years?)\b"
    r"[ \t]*(?:no\.?|nr\.?|number|num\.?|id|code|#|nummer|numéro|número|numero)?[ \t]*(?:is|was|:|#|="
    r"|-)?[ \t]*[#(]?\Z"
    r"|[#№§][ ]?\Z|\b(?:order|invoice|isbn(?:-1[03])?|issn|sku|serial|tracking|ticket|part|booking"
    r"|confirmation|reference|transaction|parcel)\b[^.!?\n]{0,18}\Z"
    r"|[$€£¥]\s?\Z",
    re.I,
)  # fmt: skip
_WIDTH = 48


def cued(scan: Scan, start: int, end: int) -> bool:
    """Whether a word close by says telephone."""
    if _PHONE_WORD_AFTER.match(scan.after(end, 36)):
        return True
    return last_end(_PHONE_WORD, scan.before(start, _WIDTH)) >= 0


def directly_cued(scan: Scan, start: int) -> bool:
    """Whether the word for telephones stands right before, a few letters away."""
    words = scan.before(start, 30)
    end = last_end(_PHONE_WORD, words)
    return end >= 0 and len(words) - end <= 12


def is_something_else(scan: Scan, start: int) -> bool:
    """Whether the words right before name another kind of number, nearer than any word for telephones."""
    words = scan.before(start, _WIDTH)
    other = _OTHER_WORD.search(words)
    return other is not None and last_end(_PHONE_WORD, words) <= other.start()
