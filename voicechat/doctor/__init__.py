"""
Looks over a server and its surroundings, and says what to mend.

    examination   which checks there are; all run at once, each within its time
    finding       what a check says
    case          what is looked at
    settings      what is set, and where
    engines       who does each job, and how long a question waits at worst
    providers     addresses, keys and models of those elsewhere (`network`: how they are asked)
    models        the embedded ears and voice at work; `pages`: what is answered from
    children      the processes in which these two run (`worker`)
    port          whether it is free (`certificate`: with which one; `reach`: who answers)
    microphone    whether browsers give it where the bot is served
    host_page     whether a page of the site may use the bot (`policy`: what its headers allow)
    installed     Python, packages, the built widget
    report        the findings as a text and as JSON
"""

from .case import Wanted
from .examination import examine
from .finding import Finding
from .report import as_json, as_text, summary

__all__ = ["Finding", "Wanted", "as_json", "as_text", "examine", "summary"]
