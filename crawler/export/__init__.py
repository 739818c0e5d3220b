"""The collection as other programs want it: columns with types, files that stand there whole or not at all."""
