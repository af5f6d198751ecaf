"""The company with a million contacts that `bin/bench inbox` looks at."""
