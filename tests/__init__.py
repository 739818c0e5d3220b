"""The tests: they mirror the code; `newspaper` is the example site that whole crawls read."""
