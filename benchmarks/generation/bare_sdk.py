"""The openai SDK alone in threads, with prompts as long as the product's: what the product is compared with.

python -m benchmarks.generation.bare_sdk URL CORPUS_FOLDER CALLS THREADS
"""

from __future__ import annotations

import itertools
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.generation.child import ROOT

SCHEMA = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("quote", "question", "answer")},
    "required": ["quote", "question", "answer"],
    "additionalProperties": False,
}


def main() -> int:
    url, folder, calls, threads = sys.argv[1:]
    from openai import OpenAI

    client = OpenAI(api_key="test", base_url=f"{url}/v1", max_retries=0)
    system = (ROOT / "prompts" / "system" / "create_mode.txt").read_text(encoding="utf-8")
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(folder).glob("*.txt"))]
    passages = [f"# {section}" for text in texts for section in text.split("# ")[1:]]

    def ask(number: int, passage: str) -> str:
        completion = client.chat.completions.create(
            model="stub-model",
            messages=[
                {"role": "system", "content": system},
                {"role": "user", "content": f"{passage}\n\nAsk about: sentence {number} of this passage."},
            ],
            temperature=0.7,
            max_completion_tokens=400,
            response_format={"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": SCHEMA}},
        )
        return completion.choices[0].message.content or ""

    with ThreadPoolExecutor(int(threads)) as pool:
        answers = list(pool.map(ask, range(int(calls)), itertools.cycle(passages)))
    return 0 if all(answers) else 1


if __name__ == "__main__":
    sys.exit(main())
