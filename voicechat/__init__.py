"""The voice and text assistant that anyone can add to a website, and host themselves."""

__version__ = "0.1.0"
