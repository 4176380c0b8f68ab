"""The doors: mode v1, mode v2, and the pages."""

from .bodies import max_body_bytes
from .errors import allow_origins, answer_errors
from .house import HOUSE, House
from .pages import Pages
from .routes import add_routes
from .v1 import OPEN_KEYS
from .visitors import VISITORS, Visitors

__all__ = [
    "HOUSE",
    "OPEN_KEYS",
    "VISITORS",
    "House",
    "Pages",
    "Visitors",
    "add_routes",
    "allow_origins",
    "answer_errors",
    "max_body_bytes",
]
