"""Fuzzing of all that reads strangers' bytes: targets with their laws, what they are fed with, and the drivers."""
