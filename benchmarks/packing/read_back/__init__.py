"""Packed files opened by programs and libraries that know nothing of this one."""
