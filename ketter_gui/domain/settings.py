"""What a person chooses once for a whole ledger: names, what they may be, what they are.

A setting is text in the ledger and a value here. Its name is `group.name`, the field of
`Settings` the same with an underscore; to add one is a field and a line in `ALL`. What
an older Ketter does not know stays in the ledger and is passed over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ketter_gui.domain.settings_errors import SettingRefused, SettingUnknown

OFF: Final = "off"
LONGEST_DAYS: Final = 36_500
KEPT_DAYS_OFFERED: Final = (0, 30, 90, 365)
"""What a window offers for `history.keep_days`; any other number of days will do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its value; the defaults are those of a new ledger.

    `history_keep_days`: ended transfers and audit entries older than that are pruned; 0
    keeps them for ever. `history_archive`: the folder into which they are written first,
    None for no archive. `audit_sign_minutes`: how long entries wait for a signed head
    while no transfer ends. `notify_desktop`: the desktop shows a notice when something is
    done or needs a person; `notify_sound`: with a sound.
    """

    history_keep_days: int = 0
    history_archive: bytes | None = None
    audit_sign_minutes: int = 10
    notify_desktop: bool = True
    notify_sound: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `read` makes its value of a text, and raises ValueError with what is
    wanted instead; `text` is the one spelling of a value."""

    name: str
    about: str
    read: Callable[[str], object]
    text: Callable[[object], str] = str

    @property
    def field(self) -> str:
        """Its name in `Settings`."""
        return self.name.replace(".", "_")


def _whole(word: str, least: int, most: int, unit: str) -> int:
    # Only these ten digits: int() also takes “1_0”, “ ٣ ” and a plus.
    if word.isascii() and word.isdigit() and len(word) <= 9 and least <= int(word) <= most:
        return int(word)
    raise ValueError(f"it is a whole number of {unit} from {least:,} to {most:,}")


def _days(word: str) -> int:
    return 0 if word in (OFF, "") else _whole(word, 0, LONGEST_DAYS, "days")


def _minutes(word: str) -> int:
    return _whole(word, 1, 1440, "minutes")


def _switch(word: str) -> bool:
    if word in ("on", OFF):
        return word == "on"
    raise ValueError(f"it is “on” or “{OFF}”")


def _switch_text(value: object) -> str:
    return "on" if value else OFF


def _folder(word: str) -> bytes | None:
    if word in (OFF, ""):
        return None
    if not os.path.isabs(word) or "\0" in word:
        raise ValueError(f"it is the whole path of a folder, from the root on, or “{OFF}”")
    try:
        word.encode()  # the ledger and its audit hold text
    except UnicodeEncodeError as error:
        raise ValueError("its name is not UTF-8; choose another folder") from error
    return os.fsencode(os.path.normpath(word))


def _folder_text(value: object) -> str:
    return os.fsdecode(value) if isinstance(value, bytes) else OFF


ALL: Final[Mapping[str, Setting]] = {
    one.name: one
    for one in (
        Setting("history.keep_days", "days that history and audit are kept; 0 for ever", _days),
        Setting(
            "history.archive",
            "folder into which what is pruned is written first, or off",
            _folder,
            _folder_text,
        ),
        Setting(
            "audit.sign_minutes",
            "minutes that entries wait for a signature while no transfer ends",
            _minutes,
        ),
        Setting(
            "notify.desktop",
            "whether the desktop shows a notice of what is done or failed, on or off",
            _switch,
            _switch_text,
        ),
        Setting(
            "notify.sound", "whether such a notice has a sound, on or off", _switch, _switch_text
        ),
    )
}


def known(name: str) -> Setting:
    """The setting of this name. Raises SettingUnknown."""
    if name in ALL:
        return ALL[name]
    raise SettingUnknown(name=name, known=", ".join(ALL))


def checked(name: str, word: str) -> str:
    """The one spelling of a value. Raises SettingUnknown and SettingRefused."""
    setting = known(name)
    try:
        return setting.text(setting.read(word.strip()))
    except ValueError as error:
        raise SettingRefused(name=name, value=word, wanted=str(error)) from error


def settings_of(texts: Mapping[str, str]) -> Settings:
    """The settings that a ledger has; what it does not say, or says badly, is as in a new
    one."""
    values: dict[str, object] = {}
    for name, setting in ALL.items():
        try:
            if name in texts:
                values[setting.field] = setting.read(texts[name])
        except ValueError:
            continue
    return Settings(**values)  # type: ignore[arg-type]  # `read` makes what the field is


def as_text(settings: Settings, name: str) -> str:
    """A setting's value as it is written. Raises SettingUnknown."""
    setting = known(name)
    return setting.text(getattr(settings, setting.field))
