"""Every proof, in the order in which they run; a new one is a file and a row."""

from __future__ import annotations

from .disk import prove_disk
from .drain import prove_drain
from .full import prove_full
from .kills import prove_kills
from .proof import Proof
from .soak import prove_soak
from .storm import prove_storm
from .tabs import prove_tabs

PROOFS = (
    Proof("kills", "kill -9 while visitors ask", "kills", 200, prove_kills),
    Proof("disk", "what is on the disk when ACCEPTED leaves", "questions", 200, prove_disk),
    Proof("full", "a disk that fills up", "visitors", 20, prove_full),
    Proof("drain", "restarts while visitors ask", "restarts", 20, prove_drain),
    Proof("storm", "chats that must not hear of each other", "actions", 100_000, prove_storm),
    Proof("tabs", "chats that are open in several tabs", "tabs", 5, prove_tabs),
    Proof("soak", "visitors who come and go", "minutes", 10, prove_soak),
)
