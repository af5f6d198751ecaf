"""One module per command of bin/, each with `main(arguments) -> exit code`."""
