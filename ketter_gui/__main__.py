"""`python -m ketter_gui` is the same program as `ketter`."""

from ketter_gui.app import main

if __name__ == "__main__":
    raise SystemExit(main())
