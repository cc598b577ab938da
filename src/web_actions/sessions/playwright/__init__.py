"""Playwright traces: trace.zip as context.tracing.stop() and the test runner write it."""
