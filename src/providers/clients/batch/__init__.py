"""Chat calls at half price through the providers' batch APIs. BATCH_JOBS says who has one."""

from src.providers.clients.batch.anthropic_jobs import AnthropicJobs
from src.providers.clients.batch.jobs import BatchJobs
from src.providers.clients.batch.mistral_jobs import MistralJobs
from src.providers.clients.batch.openai_jobs import OpenAIJobs

BATCH_JOBS: dict[str, BatchJobs] = {
    "openai": OpenAIJobs(),
    "anthropic": AnthropicJobs(),
    "mistral": MistralJobs(),
}
_WHY_NOT = {
    "google": "google-generativeai 0.8.6, the package this program uses for Gemini, has no call for batches.",
    "llama": "The batch APIs of the hosts of Llama models differ from one another; none is used.",
    "local": "The model runs on this machine; there is no price to halve.",
}


def batch_support(provider: str) -> str:
    """ "" where system.batch works, else why it does not."""
    return "" if provider in BATCH_JOBS else _WHY_NOT.get(provider, f"{provider} has no batch API that is used here.")
