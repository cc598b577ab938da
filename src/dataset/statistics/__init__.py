"""Figures about a dataset in one pass: distributions, outliers, vocabulary, repeats, cost, coverage of its sources."""

from src.dataset.statistics.costs import TrainingPrice
from src.dataset.statistics.results import NotComputed, Statistics
from src.dataset.statistics.tally import StatisticsTally, compute_statistics

__all__ = ["NotComputed", "Statistics", "StatisticsTally", "TrainingPrice", "compute_statistics"]
