"""Run by `make test`: fetches the program."""

from .fetch import fetch

problem = fetch()
if problem:
    print(f"{problem}: the tests against it will skip.")
