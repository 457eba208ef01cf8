"""Figures and times as people read them, in the system's locale.

Sizes are decimal, as drives are sold; one digit after the point under 100.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QTime

_UNITS = ("kB", "MB", "GB", "TB", "PB")


def tr(text: str) -> str:
    """A sentence of this module in the window's language."""
    return QCoreApplication.translate("Words", text)


def translate_error(template: str) -> str:
    """For `KetterError.sentences`: its templates are translated, then filled in."""
    return QCoreApplication.translate("errors", template)


class Words:
    """Says numbers, sizes, durations and times in one locale."""

    def __init__(self, locale: QLocale) -> None:
        self._locale = locale

    def number(self, value: int) -> str:
        """`1,204` or `1 204`, as the locale groups."""
        return self._locale.toString(value)

    def count(self, value: int, one: str, many: str) -> str:
        """`1 file`, `1,204 files`: `many` holds a `%1`."""
        return one if value == 1 else many.replace("%1", self.number(value))

    def files(self, value: int) -> str:
        """How many files."""
        return self.count(value, tr("1 file"), tr("%1 files"))

    def size(self, size_bytes: int) -> str:
        """`118 GB`, `6.1 GB`, `812 bytes`."""
        number, unit = self._scaled(size_bytes)
        return f"{number}\N{NO-BREAK SPACE}{unit}"

    def size_brief(self, size_bytes: int) -> str:
        """`31 TB`, `2.1 TB`: where figures do not stand below each other."""
        number, unit = self._scaled(size_bytes)
        return f"{number.removesuffix(f'{self._locale.decimalPoint()}0')}\N{NO-BREAK SPACE}{unit}"

    def size_of(self, done_bytes: int, total_bytes: int) -> str:
        """`60.2 of 118 GB`, or with both units where they differ."""
        done, done_unit = self._scaled(done_bytes)
        total, total_unit = self._scaled(total_bytes)
        first = done if done_unit == total_unit else f"{done}\N{NO-BREAK SPACE}{done_unit}"
        return (
            tr("%1 of %2")
            .replace("%1", first)
            .replace("%2", f"{total}\N{NO-BREAK SPACE}{total_unit}")
        )

    def speed(self, bytes_per_second: int) -> str:
        """`812 MB/s`."""
        return f"{self.size(bytes_per_second)}/s"

    def percent(self, permille: int) -> str:
        """`58 %`, rounded down: 100 is said only at the end."""
        return f"{self.number(permille // 10)}\N{NO-BREAK SPACE}%"

    def duration(self, seconds: int) -> str:
        """`40 s`, `4 min`, `1 h 20 min`, `2 days 3 h`: never more exact than it can be."""
        if seconds < 60:
            return tr("%1 s").replace("%1", self.number(max(1, seconds)))
        minutes = round(seconds / 60)
        if minutes < 60:
            return tr("%1 min").replace("%1", self.number(minutes))
        hours, minutes = divmod(minutes, 60)
        if hours < 24:
            text = tr("%1 h").replace("%1", self.number(hours))
            rest = tr("%1 min").replace("%1", self.number(minutes))
            return f"{text} {rest}" if minutes else text
        days, hours = divmod(hours, 24)
        text = self.count(days, tr("1 day"), tr("%1 days"))
        rest = tr("%1 h").replace("%1", self.number(hours))
        return f"{text} {rest}" if hours else text

    def left(self, seconds: int | None) -> str:
        """`4 min left`; `estimating` until somebody can know."""
        if seconds is None:
            return tr("estimating")
        return tr("%1 left").replace("%1", self.duration(seconds))

    def done_at(self, seconds: int, *, now: QDateTime | None = None) -> str:
        """`done at 18:42`."""
        end = (now or QDateTime.currentDateTime()).addSecs(seconds)
        return tr("done at %1").replace("%1", self._time(end.time()))

    def clock(self, time_us: int) -> str:
        """`14:02`, local time."""
        return self._time(_local(time_us).time())

    def clock_exact(self, time_us: int) -> str:
        """`14:02:11`, for what happened."""
        return _local(time_us).time().toString("HH:mm:ss")

    def day(self, time_us: int, *, now: QDateTime | None = None) -> str:
        """`Today 14:08`, `Yesterday 09:12`, `22 March`, `22 March 2025`."""
        if not time_us:
            return ""
        moment = _local(time_us)
        today = (now or QDateTime.currentDateTime()).date()
        days = moment.date().daysTo(today)
        if days == 0:
            return tr("Today %1").replace("%1", self._time(moment.time()))
        if days == 1:
            return tr("Yesterday %1").replace("%1", self._time(moment.time()))
        date = moment.date()
        month = self._locale.monthName(date.month(), QLocale.FormatType.LongFormat)
        text = f"{date.day()} {month}"
        return text if date.year() == today.year() else f"{text} {date.year()}"

    def span(self, started_us: int, finished_us: int) -> str:
        """`14:02 – 14:08`."""
        if not started_us:
            return self.clock(finished_us)
        start, end = self.clock(started_us), self.clock(finished_us)
        return start if start == end else f"{start} – {end}"

    def listed(self, names: tuple[str, ...]) -> str:
        """`A`, `A and B`, `A, B and C`."""
        return self._locale.createSeparatedList(list(names)).replace(", and ", tr(" and "))

    def _time(self, time: QTime) -> str:
        return self._locale.toString(time, QLocale.FormatType.ShortFormat)

    def _scaled(self, size_bytes: int) -> tuple[str, str]:
        if size_bytes < 1000:
            return self.number(size_bytes), tr("bytes")
        value = float(size_bytes)
        power = 0
        while (value >= 999.5 and power < len(_UNITS)) or power == 0:
            value /= 1000
            power += 1
        digits = 1 if value < 99.95 else 0
        return self._locale.toString(value, "f", digits), _UNITS[power - 1]


def _local(time_us: int) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(time_us // 1000)
