"""The colour of one place on the screen: `python pixel.py X Y` prints `#rrggbb`."""

from __future__ import annotations

import sys

from PySide6.QtGui import QGuiApplication

if __name__ == "__main__":
    application = QGuiApplication([])
    x, y = int(sys.argv[1]), int(sys.argv[2])
    image = application.primaryScreen().grabWindow(0, x, y, 1, 1).toImage()
    print(image.pixelColor(0, 0).name())
