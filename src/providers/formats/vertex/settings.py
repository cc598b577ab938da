"""What may stand beside the contents of a Gemini row: generationConfig, toolConfig, labels and safetySettings.

generationConfig.mediaResolution is on Google's pages on image, document and video tuning; the others are fields of the
request a row is parsed as (GeminiExample in google-cloud-aiplatform 2.7.0, read 2026-11-21). They are kept as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from src.providers.formats.chat.texts import kind_of, shown
from src.providers.formats.findings import Finding, problem
from src.providers.formats.vertex.spelling import check_spelt_keys, get, has, place

SETTINGS = ("toolConfig", "generationConfig", "labels", "safetySettings")
_RESOLUTIONS = tuple(f"MEDIA_RESOLUTION_{level}" for level in ("UNSPECIFIED", "LOW", "MEDIUM", "HIGH"))
_GENERATION_KEYS = (
    *("temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "responseLogprobs"),
    *("logprobs", "presencePenalty", "frequencyPenalty", "seed", "responseMimeType", "responseSchema"),
    *("responseJsonSchema", "routingConfig", "audioTimestamp", "responseModalities", "mediaResolution"),
    *("speechConfig", "thinkingConfig", "modelConfig", "imageConfig"),
)


def check_settings(row: Mapping[str, object]) -> Iterator[Finding]:
    """Objections to the settings of a row."""
    for key in SETTINGS:
        if has(row, key):
            value, spot = get(row, key), place(row, key, "")
            if not isinstance(value, list if key == "safetySettings" else dict):
                wanted = "a list" if key == "safetySettings" else "an object"
                yield problem(spot, "bad_setting", f"must be {wanted}, not {kind_of(value)}.")
            elif key == "labels" and isinstance(value, dict) and not all(isinstance(v, str) for v in value.values()):
                yield problem(spot, "bad_setting", "each label is a text.")
            elif key == "generationConfig" and isinstance(value, dict):
                yield from _check_generation(value, spot)
            elif key == "toolConfig" and isinstance(value, dict):
                yield from check_spelt_keys(value, ("functionCallingConfig", "retrievalConfig"), spot)


def _check_generation(config: Mapping[str, object], path: str) -> Iterator[Finding]:
    yield from check_spelt_keys(config, _GENERATION_KEYS, path)
    if has(config, "mediaResolution") and get(config, "mediaResolution") not in _RESOLUTIONS:
        text = f"is {shown(get(config, 'mediaResolution'))}; use one of {', '.join(_RESOLUTIONS)}."
        yield problem(place(config, "mediaResolution", path), "bad_resolution", text)
