"""A hostile web on loopback: outlets that each do one thing to a crawler, among good articles that must all arrive.

One crawl reads all of them (tests/test_hostile.py). To add a case, add it to one of the files of ``cases.CASES``; an
outlet of its own, on an address of its own, is made of it. This file imports none of them: the crawl's own processes
run ``names``, and must not hold what the outlets do.
"""
