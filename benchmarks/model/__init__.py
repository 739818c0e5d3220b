"""How the block model is trained: labels from the bench's answers, odds, both stages, and the folds."""
