"""For connector authors: contract suites, a connector in memory, hostile data.

Needs the development dependencies pytest and hypothesis; nothing that runs in production imports it.
"""
