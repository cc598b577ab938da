"""The four modes: Document -> Sample."""

from __future__ import annotations

from src.agents.base_agent import Agent
from src.agents.create_agent import CreateAgent
from src.agents.free_agent import FreeAgent
from src.agents.hybrid_agent import HybridAgent
from src.agents.identify_agent import IdentifyAgent
from src.config.settings import Mode

AGENTS: dict[Mode, type[Agent]] = {
    "create": CreateAgent,
    "identify": IdentifyAgent,
    "hybrid": HybridAgent,
    "free": FreeAgent,
}
