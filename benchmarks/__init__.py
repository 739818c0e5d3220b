"""Measurements against ../shared/bench; none of its pages is a part of the project."""
