"""What may do harm: abuse, crises, injected orders, secrets, personal data, overlap with tests."""
