"""What must be fast, measured beside a reference in the same run; started by bin/bench."""
