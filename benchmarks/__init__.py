"""Measured comparisons that anyone can rerun: `make bench`. Figures are ratios within one run."""
