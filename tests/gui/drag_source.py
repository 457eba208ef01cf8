"""A second program: a small window from which files can be dragged with a real pointer.

    python drag_source.py TITLE PATH…

Prints `ready` once it is shown, and after each drag the action that the other side took.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import quote_from_bytes

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Handle(QLabel):
    """Press anywhere on it and move: everything it was given is dragged."""

    def __init__(self, title: str, paths: list[bytes]) -> None:
        super().__init__(f"drag me:\n{title}")
        self._paths = paths
        self.setWindowTitle(title)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedSize(180, 120)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton:
            return
        lines = [b"file://" + quote_from_bytes(path).encode() + b"\r\n" for path in self._paths]
        mime = QMimeData()
        mime.setData("text/uri-list", b"".join(lines))
        drag = QDrag(self)
        drag.setMimeData(mime)
        offered = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
        action = drag.exec(offered, Qt.DropAction.CopyAction)
        print(action.name, flush=True)


def main() -> int:
    application = QApplication(sys.argv[:1])
    handle = Handle(sys.argv[1], [os.fsencode(path) for path in sys.argv[2:]])
    handle.show()
    print("ready", flush=True)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
