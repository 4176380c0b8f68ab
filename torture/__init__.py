"""What is too long for a test: crashes in the hundreds. `make torture` runs it and says what was lost."""
