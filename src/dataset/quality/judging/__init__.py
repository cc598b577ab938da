"""Grades by an LLM."""
