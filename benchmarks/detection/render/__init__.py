"""The same conversations written as files of many kinds; each function writes a file and gives its gold."""
