"""What `make check` asks beyond ruff, mypy and import-linter; each a program that says what to do."""
