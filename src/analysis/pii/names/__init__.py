"""Find names of people: lists, titles and turns of phrase; with the extra [qa-nlp] a language model on top."""
