"""
The two modes side by side: the same questions through v1 and v2, what came when, and why.

`voicechat compare` asks; a table, a file for programs and one page for people are made of it.
"""

from .command import add_compare

__all__ = ["add_compare"]
