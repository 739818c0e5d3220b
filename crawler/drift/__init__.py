"""Whether a source is still as it was: held against its own past, with alarms that hardly ever are false; pure."""
