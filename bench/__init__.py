"""What is measured, against what: `python -m bench` (or `make bench`) prints a table of ratios. See docs/bench.md."""
