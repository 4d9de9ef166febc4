"""The benchmark: the program beside the floor and its peers, in one interleaved run."""
