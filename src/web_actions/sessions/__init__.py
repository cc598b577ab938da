"""Recorded browser sessions from files: our own schema, Mind2Web, DevTools Recorder, Playwright traces."""
