"""One multilingual encoder for every task: a pruned multilingual-e5-small, one forward pass, several heads."""
