"""What is too long for a test. `make torture` runs every proof of `proofs.py` and says what each found."""
