"""The method in plain PyTorch and NumPy: an independent check of the Swift engine."""
