"""Sentences, forms, code and chats with personal data in them, labelled, in ten locales."""

from __future__ import annotations

import re
from collections.abc import Iterator

from benchmarks.quality.pii_scoring import Label, Text
from benchmarks.quality.pii_values import IDS_THAT_NEED_A_WORD, KEYS_THAT_NEED_A_WORD, LOCALES, Maker

_PLACE = re.compile(r"\{([A-Z_]+)\}")
_LANGUAGE = {
    "en_US": "en",
    "en_GB": "en",
    "en_IN": "en",
    "de_DE": "de",
    "fr_FR": "fr",
    "es_ES": "es",
    "it_IT": "it",
    "nl_NL": "nl",
    "pt_BR": "pt",
    "pl_PL": "pl",
}

_CARRIERS: dict[str, tuple[str, ...]] = {
    "en": (
        "Hi, I'm {NAME} and I never got the confirmation that was meant for {EMAIL}.",
        "You can reach {NAME} on {PHONE} after six, or just write to {EMAIL}.",
        "Please ship the replacement to {ADDRESS} and leave it with the neighbour.",
        "{NAME} moved last spring. The new address is {ADDRESS}.",
        "Payment by card {CARD} was declined twice this morning.",
        "I tried my Visa, {CARD}, and it said insufficient funds.",
        "Transfer the deposit to {IBAN} by Friday, reference not needed.",
        "Her social security number is {SSN}, please keep it safe.",
        "SSN: {SSN}\nDOB: on file\nStatus: active",
        "The login came from {IP} at three in the morning.",
        "Jan 12 03:14:07 gw sshd[4121]: Failed password for root from {IP} port 52114 ssh2",
        "curl -H 'Accept: json' http://{IP}:8080/health timed out",
        "The lawyer spoke with {NAME} and {NAME} on Tuesday.",
        "Dear {NAME},\n\nthank you for your patience.\n\nKind regards,\n{NAME}\nTel. {PHONE}",
        "call me back at {PHONE} pls",
        "name,email,phone\n{NAME},{EMAIL},{PHONE}",
        "From: {NAME} <{EMAIL}>\nSubject: invoice\n\nSee attachment.",
        "Patient: {NAME}\nAddress: {ADDRESS}\nPhone: {PHONE}",
        "According to the file, {NAME} lives at {ADDRESS} and can be called on {PHONE}.",
        '{{"customer": "{NAME}", "mail": "{EMAIL}", "ip": "{IP}"}}',
    ),
    "de": (
        "Guten Tag, mein Name ist {NAME}, ich warte noch auf die Bestätigung an {EMAIL}.",
        "Bitte rufen Sie mich unter {PHONE} zurück.",
        "Die Lieferung soll an {ADDRESS} gehen.",
        "Überweisen Sie den Betrag auf {IBAN}.",
        "Frau {NAME} erreichen Sie unter {PHONE} oder {EMAIL}.",
        "Mit freundlichen Grüßen\n{NAME}\n{ADDRESS}\nTelefon: {PHONE}",
        "Meine Kreditkarte {CARD} wurde gesperrt.",
        "Die Anmeldung kam von {IP}.",
    ),
    "fr": (
        "Bonjour, je m'appelle {NAME} et je n'ai pas reçu le courriel à {EMAIL}.",
        "Vous pouvez me joindre au {PHONE} en journée.",
        "Merci de livrer le colis à cette adresse : {ADDRESS}.",
        "Le virement est à faire sur {IBAN}.",
        "Cordialement,\n{NAME}\n{ADDRESS}\nTél. : {PHONE}",
        "Ma carte {CARD} a été refusée.",
        "Connexion suspecte depuis {IP} hier soir.",
    ),
    "es": (
        "Hola, me llamo {NAME} y no he recibido el correo en {EMAIL}.",
        "Mi teléfono es {PHONE}, llámeme por la tarde.",
        "Envíen el paquete a {ADDRESS}, por favor.",
        "Haga la transferencia a {IBAN}.",
        "La tarjeta {CARD} fue rechazada.",
        "La señora {NAME} vive en {ADDRESS}.",
        "El acceso vino de {IP}.",
    ),
    "it": (
        "Buongiorno, mi chiamo {NAME}, la mia mail è {EMAIL}.",
        "Può chiamarmi al {PHONE} dopo le sei.",
        "Spedite il pacco a {ADDRESS}, grazie.",
        "Il bonifico va fatto su {IBAN}.",
        "La carta {CARD} è scaduta.",
        "Cordiali saluti,\n{NAME}\n{ADDRESS}",
        "Accesso da {IP} bloccato.",
    ),
    "nl": (
        "Hallo, mijn naam is {NAME} en mijn e-mail is {EMAIL}.",
        "U kunt mij bellen op {PHONE}.",
        "Stuur het pakket naar {ADDRESS}.",
        "Maak het geld over naar {IBAN}.",
        "Met vriendelijke groet,\n{NAME}\n{ADDRESS}\nTel: {PHONE}",
        "Mijn kaart {CARD} werkt niet meer.",
        "Er is ingelogd vanaf {IP}.",
    ),
    "pt": (
        "Olá, meu nome é {NAME} e meu e-mail é {EMAIL}.",
        "Meu telefone é {PHONE}, pode ligar à tarde.",
        "Entregar em {ADDRESS}, por favor.",
        "Transfira para {IBAN}.",
        "O cartão {CARD} foi recusado.",
        "Atenciosamente,\n{NAME}\n{ADDRESS}",
        "O acesso veio de {IP}.",
    ),
    "pl": (
        "Dzień dobry, nazywam się {NAME}, mój adres e-mail to {EMAIL}.",
        "Proszę zadzwonić pod numer {PHONE}.",
        "Proszę wysłać paczkę na adres {ADDRESS}.",
        "Przelew na konto {IBAN}.",
        "Pozdrawiam,\n{NAME}\n{ADDRESS}\ntel. {PHONE}",
        "Moja karta {CARD} została zablokowana.",
        "Logowanie z adresu {IP}.",
    ),
}
_KEY_CARRIERS = (
    "export SERVICE_TOKEN={API_KEY}",
    'client = Client(api_key="{API_KEY}")',
    "api_key: {API_KEY}",
    "My API key is {API_KEY} and it stopped working.",
    "Authorization: Bearer {API_KEY}",
    "the secret is {API_KEY}, do not share it",
    '{{"access_token": "{API_KEY}"}}',
    "SECRET_KEY = '{API_KEY}'",
)
_BLOCK_CARRIERS = ("Here is the key from the server:\n{API_KEY}\nIs it still valid?", "id_rsa:\n{API_KEY}\n")
_PLAIN_KEY_CARRIERS = (
    "I pasted {API_KEY} into the config and got a 401.",
    "remote: {API_KEY} was pushed to the repository",
    *_KEY_CARRIERS,
)
_CONNECTION_CARRIERS = (
    "DATABASE_URL={API_KEY}",
    "It fails with {API_KEY} as the connection string.",
    'conn = "{API_KEY}"',
)
_ID_CARRIERS: dict[str, tuple[str, ...]] = {
    "nino": ("National Insurance number: {NATIONAL_ID}", "Her NI number is {NATIONAL_ID}."),
    "Steuer-ID": ("Meine Steuer-ID lautet {NATIONAL_ID}.", "Steueridentifikationsnummer: {NATIONAL_ID}"),
    "NIR": ("Numéro de sécurité sociale : {NATIONAL_ID}", "Son NIR est {NATIONAL_ID}."),
    "DNI": ("DNI: {NATIONAL_ID}", "Mi DNI es {NATIONAL_ID}."),
    "NIE": ("NIE {NATIONAL_ID}", "Tengo el NIE {NATIONAL_ID}."),
    "codice fiscale": ("Codice fiscale: {NATIONAL_ID}", "Il mio codice fiscale è {NATIONAL_ID}."),
    "BSN": ("BSN: {NATIONAL_ID}", "Mijn burgerservicenummer is {NATIONAL_ID}."),
    "Aadhaar": ("Aadhaar number {NATIONAL_ID}", "My Aadhaar is {NATIONAL_ID}."),
    "PAN card": ("PAN: {NATIONAL_ID}", "His PAN is {NATIONAL_ID}."),
    "CPF": ("CPF: {NATIONAL_ID}", "Meu CPF é {NATIONAL_ID}."),
}
_CHATS = (
    (
        ("User", "hi, i need to change the address on my account"),
        ("Agent", "Of course. What is your name?"),
        ("User", "{NAME}"),
        ("Agent", "And the new address?"),
        ("User", "{ADDRESS}"),
        ("Agent", "A number for questions?"),
        ("User", "{PHONE}"),
    ),
    (
        ("User", "my card got charged twice"),
        ("Agent", "Which card was it?"),
        ("User", "{CARD}"),
        ("Agent", "Where do we send the refund?"),
        ("User", "my iban is {IBAN}"),
    ),
    (
        ("User", "My app gets 401 since today."),
        ("Agent", "Can you show the config?"),
        ("User", "host: {IP}\nuser: svc\nmail: {EMAIL}"),
    ),
    (
        ("Customer", "This is {NAME}. I wrote to you from {EMAIL} last week."),
        ("Support", "Thank you, I see it. Is {PHONE} still your phone number?"),
        ("Customer", "Yes."),
    ),
)


def labelled_texts(seed: int, count: int) -> Iterator[Text]:
    """`count` texts with at least one label each."""
    maker = Maker(seed)
    for number in range(count):
        locale = LOCALES[number % len(LOCALES)]
        turn = maker.rng.random()
        if turn < 0.14:
            yield _key_text(maker)
        elif turn < 0.22:
            yield _id_text(maker)
        elif turn < 0.36:
            chat = maker.rng.choice(_CHATS)
            yield _filled(maker, "\n".join(f"{speaker}: {words}" for speaker, words in chat), locale, "chat")
        else:
            language = _LANGUAGE[locale] if maker.rng.random() < 0.6 else "en"
            yield _filled(maker, maker.rng.choice(_CARRIERS[language]), locale, f"{language} sentence")


def _key_text(maker: Maker) -> Text:
    key, form = maker.key("")
    carriers = (
        _BLOCK_CARRIERS
        if form == "private key"
        else _CONNECTION_CARRIERS
        if form == "connection"
        else _KEY_CARRIERS
        if form in KEYS_THAT_NEED_A_WORD
        else _PLAIN_KEY_CARRIERS
    )
    return _with_value(maker.rng.choice(carriers), "API_KEY", key, form)


def _id_text(maker: Maker) -> Text:
    number, form = maker.national_id("")
    carrier = (
        maker.rng.choice(_ID_CARRIERS[form])
        if form in IDS_THAT_NEED_A_WORD or maker.rng.random() < 0.7
        else "The clerk typed {NATIONAL_ID} into the form."
    )
    return _with_value(carrier, "NATIONAL_ID", number, form)


def _with_value(carrier: str, kind: str, value: str, form: str) -> Text:
    carrier = carrier.replace("{{", "{").replace("}}", "}")
    start = carrier.index("{" + kind + "}")
    return Text(carrier.replace("{" + kind + "}", value), (Label(kind, start, start + len(value)),), form)


def _filled(maker: Maker, carrier: str, locale: str, form: str) -> Text:
    text, labels, forms, place = "", [], [form], 0
    carrier = carrier.replace("{{", "\x01").replace("}}", "\x02")
    for found in _PLACE.finditer(carrier):
        value, value_form = maker.make(found.group(1), locale)
        if "\x01" in carrier or "name,email" in carrier:
            value = value.replace("\n", " ")
        text += carrier[place : found.start()]
        if text.endswith("http://") and ":" in value:
            text, carrier = text + "[", carrier[: found.end()] + "]" + carrier[found.end() :]
        labels.append(Label(found.group(1), len(text), len(text) + len(value)))
        text, place = text + value, found.end()
        forms.append(value_form)
    text += carrier[place:]
    return Text(text.replace("\x01", "{").replace("\x02", "}"), tuple(labels), "; ".join(forms))
