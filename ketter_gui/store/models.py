"""The newest schema as peewee models: what each table is called and holds.

The models are bound to no database: a query is given the connection that it runs on
(`.execute(database)`), so that no connection belongs to a class, a thread or a module.
Rows that come by the million (items, copies, audit) go through the connection itself,
which is eight times as fast as `insert_many`; their models are here all the same, and
a test holds them to the schema that the migrations make.
"""

from __future__ import annotations

from peewee import (
    AutoField,
    BlobField,
    BooleanField,
    CompositeKey,
    IntegerField,
    Model,
    TextField,
)

from ketter_gui.domain.chain import COLUMNS


class Ledger(Model):
    """One row: which chain this ledger is; `pruned_us` is when retention last looked."""

    id = AutoField()
    chain = TextField()
    created_us = IntegerField()
    pruned_us = IntegerField(default=0)

    class Meta:
        table_name = "ledger"


class Setting(Model):
    """What a person chose for this ledger, see `domain.settings`."""

    name = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "settings"


class Owner(Model):
    """A process that holds the lock of its file `lock_name`, as long as it lives."""

    id = AutoField()
    lock_name = TextField()
    pid = IntegerField()
    host = TextField()
    started_us = IntegerField()

    class Meta:
        table_name = "owners"


class Transfer(Model):
    """One request, and the progress that its owner writes once a second."""

    id = AutoField()
    token = TextField()
    name = TextField()
    mode = TextField()
    status = TextField()
    options = TextField()
    created_us = IntegerField()
    started_us = IntegerField(default=0)
    finished_us = IntegerField(default=0)
    owner = IntegerField(null=True)
    wish = TextField(default="")
    files_total = IntegerField(default=0)
    bytes_total = IntegerField(default=0)
    is_scanned = BooleanField(default=False)
    special_skipped = IntegerField(default=0)
    copies_from_cache = IntegerField(default=0)
    copies_doubted = IntegerField(default=0)
    is_hidden = BooleanField(default=False)
    originals_removed = IntegerField(default=0)
    files_renamed = IntegerField(default=0)
    bytes_renamed = IntegerField(default=0)
    bytes_copied = IntegerField(default=0)
    bytes_verified = IntegerField(default=0)
    files_verified = IntegerField(default=0)
    files_failed = IntegerField(default=0)
    files_skipped = IntegerField(default=0)
    bytes_per_second = IntegerField(default=0)
    message = TextField(default="")
    waits_for = IntegerField(null=True)
    watch = IntegerField(null=True)

    class Meta:
        table_name = "transfers"


class Source(Model):
    """One chosen file or folder of a transfer."""

    transfer = IntegerField()
    idx = IntegerField()
    path = BlobField()
    name = BlobField()
    kind = TextField()
    volume = TextField()
    within = BlobField()
    medium = TextField()
    devices = TextField()
    label = TextField()
    volume_kind = TextField()

    class Meta:
        table_name = "sources"
        primary_key = CompositeKey("transfer", "idx")


class Destination(Model):
    """One chosen folder of a transfer, with its own figures."""

    transfer = IntegerField()
    idx = IntegerField()
    path = BlobField()
    volume = TextField()
    within = BlobField()
    medium = TextField()
    devices = TextField()
    label = TextField()
    volume_kind = TextField()
    files_verified = IntegerField(default=0)
    files_failed = IntegerField(default=0)
    bytes_verified = IntegerField(default=0)

    class Meta:
        table_name = "destinations"
        primary_key = CompositeKey("transfer", "idx")


class Item(Model):
    """One file, folder or symlink; `path` is relative and starts with its source's name.

    `links` is how many names the file has; `data_bytes` what it takes without its holes,
    where it has any. `read_in` is the earlier transfer that read it, if its own did not.
    """

    id = AutoField()
    transfer = IntegerField()
    source = IntegerField()
    path = BlobField()
    kind = TextField()
    size_bytes = IntegerField()
    mtime_ns = IntegerField()
    ctime_ns = IntegerField()
    device = IntegerField()
    inode = IntegerField()
    mode = IntegerField()
    uid = IntegerField()
    gid = IntegerField()
    links = IntegerField(default=1)
    data_bytes = IntegerField(null=True)
    checksums = TextField(default="")
    read_in = IntegerField(null=True)
    set_aside = BlobField(null=True)
    is_removed = BooleanField(default=False)

    class Meta:
        table_name = "items"


class Copy(Model):
    """One item on one destination; inode, part_size and part_mtime_ns are its identity,
    `lost` the `Loss` of what the destination could not keep. `ctime_ns` is of the file with
    its name, `proof` the earlier transfer on whose proof a skipped one rests."""

    item = IntegerField()
    destination = IntegerField()
    status = TextField()
    inode = IntegerField(null=True)
    part_size = IntegerField(null=True)
    part_mtime_ns = IntegerField(null=True)
    final_path = BlobField(null=True)
    read_back = TextField(default="")
    checksums = TextField(default="")
    proven_us = IntegerField(default=0)
    ctime_ns = IntegerField(null=True)
    proof = IntegerField(null=True)
    lost = IntegerField(default=0)
    error_type = TextField(default="")
    message = TextField(default="")

    class Meta:
        table_name = "copies"
        primary_key = CompositeKey("item", "destination")


class LinkTarget(Model):
    """What a symlink leads to, as it was read at its source."""

    item = AutoField()
    target = BlobField()

    class Meta:
        table_name = "link_targets"


class SourceManifest(Model):
    """A manifest that came with a transfer's sources; `history` is the number of the newest
    one of its generations."""

    transfer = IntegerField()
    number = IntegerField()
    history = IntegerField()
    path = BlobField()
    is_beside = BooleanField()
    when_us = IntegerField(default=0)
    files_listed = IntegerField(default=0)
    problem = TextField(default="")
    files_equal = IntegerField(default=0)
    files_different = IntegerField(default=0)

    class Meta:
        table_name = "source_manifests"
        primary_key = CompositeKey("transfer", "number")


class Expected(Model):
    """A checksum that a manifest has of an item, and whether the source still matches it."""

    item = IntegerField()
    history = IntegerField()
    manifest = IntegerField()
    algorithm = TextField()
    value = TextField()
    is_equal = BooleanField(null=True)

    class Meta:
        table_name = "expected"
        primary_key = CompositeKey("item", "history", "manifest", "algorithm", "value")


class MissingFile(Model):
    """What a manifest lists and its source does not have; `is_explained`: it has another
    name by now, as a newer manifest says."""

    transfer = IntegerField()
    history = IntegerField()
    path = BlobField()
    manifest = IntegerField()
    is_explained = BooleanField(default=False)

    class Meta:
        table_name = "missing_files"
        primary_key = CompositeKey("transfer", "history", "path")


class Head(Model):
    """A signed end of the chain."""

    sequence = IntegerField()
    entry_hash = TextField()
    signature = TextField()
    key_id = TextField()
    signed_us = IntegerField()

    class Meta:
        table_name = "heads"
        primary_key = CompositeKey("sequence", "key_id")


class Checkpoint(Model):
    """A signed end of what was pruned: the chain goes on behind entry `sequence`. Transfers
    that ended before `before_us` left with it."""

    sequence = AutoField()
    entry_hash = TextField()
    before_us = IntegerField()
    signature = TextField()
    key_id = TextField()
    signed_us = IntegerField()

    class Meta:
        table_name = "checkpoints"


class Claim(Model):
    """A transfer's hold on one of its sources."""

    id = AutoField()
    transfer = IntegerField()
    volume = TextField()
    within = BlobField()
    kind = TextField()

    class Meta:
        table_name = "claims"


class WatchFolder(Model):
    """A folder that makes transfers by itself. `wishes` counts what was asked of its owner,
    `tripped` is why it stopped itself, `figures` are what its owner last saw, as JSON."""

    id = AutoField()
    path = BlobField()
    volume = TextField()
    within = BlobField()
    label = TextField()
    rules = TextField()
    created_us = IntegerField()
    is_on = BooleanField(default=True)
    is_removed = BooleanField(default=False)
    owner = IntegerField(null=True)
    wishes = IntegerField(default=0)
    tripped = TextField(default="")
    figures = TextField(default="{}")
    heartbeat_us = IntegerField(default=0)
    files_taken = IntegerField(default=0)
    bytes_taken = IntegerField(default=0)
    last_file = BlobField(default=b"")
    last_taken_us = IntegerField(default=0)

    class Meta:
        table_name = "watch_folders"


class Taken(Model):
    """A version of a file that a watch folder has taken, and for which transfer; never
    pruned. `outcome`: it has arrived everywhere (`delivered`), and in a move its original
    went (`removed`)."""

    watch = IntegerField()
    folder = BlobField()
    name = BlobField()
    size_bytes = IntegerField()
    mtime_ns = IntegerField()
    inode = IntegerField()
    transfer = IntegerField()
    born_ns = IntegerField(default=0)
    outcome = TextField(default="")

    class Meta:
        table_name = "taken"
        primary_key = CompositeKey(
            "watch", "folder", "name", "size_bytes", "mtime_ns", "inode", "transfer"
        )


class Audit(Model):
    """One entry of the trail: the cells of the audit CSV."""

    sequence = AutoField()

    class Meta:
        table_name = "audit"


for _column in COLUMNS:
    if _column != "sequence":
        Audit._meta.add_field(_column, TextField())

_OF_ITEMS = (Item, Copy, LinkTarget, SourceManifest, Expected, MissingFile)

ALL = (
    Ledger,
    Setting,
    Owner,
    Transfer,
    Source,
    Destination,
    *_OF_ITEMS,
    Audit,
    Head,
    Checkpoint,
    Claim,
    WatchFolder,
    Taken,
)
"""Every table of the newest schema."""
