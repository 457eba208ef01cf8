"""The door: the one room through which users' files are opened, renamed or removed.

A path from a card is never joined to a folder and handed to the system. A root is
opened once; every folder below it is opened from the folder above it, never through a
symlink; and every call on a file takes an open folder and a bare name. So a folder
that is swapped for a link while we work leads nowhere (P8), and a fault can be
injected, or a reviewer placed, in one spot.

    folder      open roots and the folders below them; list them; look at a name
    state       what a name is, as a plain value
    reading     open a file and read it into a buffer; where a symlink points
    writing     make a part, give it room, fill it
    flushing    bring a file, a folder or a whole volume onto its drive
    readback    make sure that what is read back comes from the drive
    naming      give a proven part its name without taking anybody else's
    removing    take names away, or set them aside
    metadata    times, owner, mode, attributes – and what could not be carried
    space       how much room there is, how long a name may be
    output      files that Ketter writes for people, whole or not at all

Errors are plain OSError as the system gave them: who called knows what was being done.
Only what the system cannot know is raised in our own words: `NotContained`,
`NameTaken`, `SpecialFile`, `ExportFailed`, `NotOnThisSystem`.

The calls that Python lacks are in `_linux`. Where there is no portable way, other
systems get `NotOnThisSystem`; nothing here has been guessed for a system on which it
was never run.
"""
