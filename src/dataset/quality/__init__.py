"""The QA report: figures about a dataset, what each can say, and which samples they speak of."""
