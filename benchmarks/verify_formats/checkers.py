"""The checkers that can run without a network: what each needs, which formats it reads, which of their files not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"


@dataclass(frozen=True)
class Checker:
    """One checker. `requirements` is what pip installs, then `alone` without what it asks for.

    `restated`: our own statement of rules whose code cannot be installed; it needs no environment. `heavy` ones bring
    torch. `single_rows`: thousands of tables of one row can be shown to it. `not_for` are kinds of example, by their
    names in examples.py, that it does not claim to read, and why.
    """

    name: str
    script: str
    formats: tuple[str, ...]
    requirements: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    heavy: bool = False
    single_rows: bool = True
    not_for: Mapping[str, str] = field(default_factory=dict)

    @property
    def restated(self) -> bool:
        return not self.requirements

    @property
    def path(self) -> Path:
        return SCRIPTS / f"check_{self.script}.py"

    def reads(self, form: str, kind: str) -> bool:
        return form in self.formats and kind not in self.not_for


_NO_TOOLS = "it knows no tool calls"
_TOOL_KINDS = ("tools", "parallel-tools", "call-last", "text-and-call", "calls-twice")
_BEFORE_TOOLS = dict.fromkeys(_TOOL_KINDS, _NO_TOOLS)
_PICTURES = dict.fromkeys(("image-url", "image-data", "image-many"), "it knows no pictures")
_ONE_CALL = {"parallel-tools": "Llama 3.1's template takes one call a message"}
# One environment for the trainers' loaders, with the newest transformers and datasets that LLaMA-Factory 0.9.5 takes.
_TRAINERS = (
    "torch==2.13.0", "transformers==5.6.0", "datasets==4.0.0", "accelerate==1.11.0", "peft==0.18.1", "numpy", "pandas",
    "pyyaml", "pydantic", "packaging", "einops", "scipy", "omegaconf", "addict", "colorama", "jinja2",
    "torchdata==0.11.0", "sentencepiece", "tiktoken", "blobfile", "safetensors", "pillow", "psutil", "tokenizers",
)  # fmt: skip
_LOADERS = ("llamafactory==0.9.5", "axolotl==0.19.0", "torchtune==0.6.1", "trl==1.16.0")

CHECKERS = (
    Checker(
        "together 2.14.0",
        "together",
        ("messages", "prompt-completion", "preference", "llama-text"),
        ("together==2.14.0",),
        not_for={"preference-tools": "it takes tools beside messages alone"},
    ),
    Checker(
        "together 1.6.0",
        "together",
        ("messages", "prompt-completion", "preference", "llama-text"),
        # 1.6.0 asks for a certifi that is not out; what it imports, without its upper bounds.
        (
            "aiohttp",
            "certifi",
            "click<9",
            "eval-type-backport",
            "filelock",
            "idna",
            "pillow",
            "pydantic>=2",
            "pygments",
            "requests",
            "rich",
            "tabulate",
            "tqdm",
            "typer",
            "urllib3",
            "pyarrow",
        ),
        ("together==1.6.0",),
        not_for=_BEFORE_TOOLS | {"preference-tools": _NO_TOOLS},
    ),
    Checker("mistral-common 1.13.1", "mistral_common", ("mistral-chat",), ("mistral-common==1.13.1",)),
    Checker(
        "mistral-finetune on 1.4.4",
        "mistral_finetune",
        ("mistral-chat", "mistral-text"),
        ("mistral-common==1.4.4",),
    ),
    Checker(
        "openai 3.54.0 types",
        "openai_types",
        ("openai-chat", "openai-preference", "openai-reinforcement", "preference"),
        ("openai==3.54.0", "pydantic>=2.12"),
    ),
    Checker(
        "openai cookbook",
        "openai_cookbook",
        ("openai-chat",),
        not_for=_BEFORE_TOOLS | _PICTURES | dict.fromkeys(("developer", "text-parts", "refusal"), "it is of 2023"),
    ),
    Checker(
        "openai 0.28.1",
        "openai_legacy",
        ("openai-completion", "prompt-completion"),
        ("openai==0.28.1", "pandas", "openpyxl"),
    ),
    Checker(
        "aiplatform 2.7.0 proto",
        "google_proto",
        ("vertex-chat", "vertex-preference"),
        ("google-cloud-aiplatform==2.7.0",),
    ),
    Checker("google-genai 3.4.0", "google_genai", ("vertex-chat", "vertex-preference"), ("google-genai==3.4.0",)),
    Checker("Vertex pages", "vertex_rules", ("vertex-chat", "vertex-preference")),
    Checker("AWS Claude script", "aws_claude", ("bedrock-claude",)),
    # Of the two checkers AWS publishes, the older one is for Nova's first generation.
    Checker(
        "AWS Nova script",
        "aws_nova",
        ("bedrock-conversation",),
        not_for=dict.fromkeys(_TOOL_KINDS, "it knows no tool blocks, which AWS's SDK and guide for Nova take"),
    ),
    Checker(
        "amzn-nova-forge 1.4.10",
        "nova_forge",
        ("bedrock-conversation",),
        ("pydantic==2.13.5", "filetype==1.2.0", "typing-extensions"),
        ("amzn-nova-forge==1.4.10",),
        not_for={"image-s3": "it looks into the bucket"},
    ),
    Checker("AWS Llama script", "aws_llama", ("bedrock-conversation", "bedrock-completion")),
    Checker(
        "TRL 1.16.0, datasets 5.2.0",
        "trl",
        (
            "messages",
            "prompt-completion",
            "trl-preference",
            "trl-prompt-completion",
            "llama-text",
            "alpaca",
            "sharegpt",
        ),
        ("datasets==5.2.0", "transformers==5.23.0", "jinja2"),
        ("trl==1.16.0",),
        single_rows=False,  # loading twelve thousand tables takes minutes
        not_for=_ONE_CALL,
    ),
    Checker(
        "LLaMA-Factory 0.9.5",
        "llama_factory",
        ("messages", "sharegpt", "alpaca"),
        _TRAINERS,
        _LOADERS,
        heavy=True,
        single_rows=False,  # datasets 4.0.0 crashes after some hundred tables
        not_for=_PICTURES | {"text-parts": "it takes texts alone"},
    ),
    Checker(
        "axolotl 0.19.0",
        "axolotl",
        ("messages", "sharegpt", "alpaca"),
        _TRAINERS,
        _LOADERS,
        heavy=True,
        not_for=_ONE_CALL | _PICTURES,
    ),
    Checker(
        "torchtune 0.6.1",
        "torchtune",
        ("messages", "sharegpt", "alpaca"),
        _TRAINERS,
        _LOADERS,
        heavy=True,
        not_for=_BEFORE_TOOLS | dict.fromkeys(_PICTURES, "it opens the picture, with torchvision"),
    ),
)
