"""Choosing and changing samples by hand or by rule: what stays, what is edited, what is repaired, what is looked at."""
