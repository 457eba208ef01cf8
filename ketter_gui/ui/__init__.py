"""The window: what a person sees and touches, and nothing that decides.

    application   starts Qt, opens the window, ends with an exit code
    main_window   puts the parts together
    look          theme, icons and words, handed to every part
    …_model       what a list or table shows, apart from how
    …_delegate    how it is painted
    …_page        a place in the window
    background    the only way from the window to a disk, and back

The window polls `service.snapshot()` four times a second and paints what changed.
Everything that may wait for a disk runs in `background`, off the window's thread.
"""

from ketter_gui.ui.application import open_window

__all__ = ["open_window"]
