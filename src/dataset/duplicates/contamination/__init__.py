"""What of validation, test or a benchmark stands in the training samples, too."""

from src.dataset.duplicates.contamination.finding import Contamination, Overlap, find_contamination

__all__ = ["Contamination", "Overlap", "find_contamination"]
