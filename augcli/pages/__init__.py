"""Pages: one HTML file that opens anywhere, from a mail attachment too, without a network.

Everything is inside: styles, scripts, pictures, data. Templates are escaped by default, a value that is
missing is an error, and a Content-Security-Policy allows the page's own script and styles by their hashes and
nothing else; so no name of a file or class, whatever it holds, becomes markup, and no page can reach out.
Attributes `style` and `on...` do not work under that policy: use classes, SVG attributes, and listeners.

Nothing on a page depends on the time or the machine: the same values make the same bytes.
"""

from __future__ import annotations

from augcli.pages.embedding import data_uri, embedded, png_uri, policy, single_line
from augcli.pages.figures import figure, share
from augcli.pages.rendering import page

__all__ = ["data_uri", "embedded", "figure", "page", "png_uri", "policy", "share", "single_line"]
