"""Personal data and keys in a text: find_pii, mask_value, redact, redact_text.

What is found are places and kinds. A found value is never stored or shown in full: mask_value() keeps two characters
at most and a keyed hash of it.
"""

from src.analysis.pii.finder import find_pii, without_overlaps
from src.analysis.pii.findings import KINDS, Kind, PIIFinding
from src.analysis.pii.names.model import INSTALL as INSTALL_NLP
from src.analysis.pii.names.model import model as names_model
from src.analysis.pii.phones.library import phonenumbers as phone_library
from src.analysis.pii.redaction.masking import mask_value
from src.analysis.pii.redaction.policies import POLICIES, Policy, policies
from src.analysis.pii.redaction.redactor import Moved, Redacted, redact, redact_text
from src.analysis.pii.scan import LOCALES

__all__ = [
    "INSTALL_NLP",
    "KINDS",
    "LOCALES",
    "POLICIES",
    "Kind",
    "Moved",
    "PIIFinding",
    "Policy",
    "Redacted",
    "find_pii",
    "mask_value",
    "names_model",
    "phone_library",
    "policies",
    "redact",
    "redact_text",
    "without_overlaps",
]
