"""The collection: the lines that crawls have written, read again as streams, whatever their size."""
