"""The words of Ketter and its pure rules.

Nothing here touches a disk, a database, a clock or a window: values in, values
out. Every other room speaks in these words.

    names      a path as bytes, as text, and as a part file's name
    errors     everything that can go wrong, each with what is safe and what to do
    status     what a transfer and a copy can be, and may become
    options    what a person asked for
    items      one file, folder or symlink of a transfer, and its copies
    expected   what a source's manifests say of it, and what came of comparing
    events     the words of the audit trail
    chain      the canonical bytes of an audit entry, and its hash
    proof      may it be deleted? may the card be formatted?
    views      what the service shows to a window or a terminal
    times      a moment as the audit writes it
    limits     every number that was chosen, with its reason
"""
