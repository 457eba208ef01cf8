"""What can be wrong with a setting; in the manner of `errors`."""

from __future__ import annotations

from ketter_gui.domain.errors import RefusedError


class SettingUnknown(RefusedError):
    """A name that no setting has."""

    what = "There is no setting “{name}”."
    safe = "Nothing was changed."
    todo = "The settings are {known}."


class SettingRefused(RefusedError):
    """A value that a setting cannot have."""

    what = "“{value}” is no value for {name}: {wanted}."
    safe = "The setting is as it was."
    todo = "See “ketter settings get”."
