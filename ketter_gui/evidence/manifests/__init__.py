"""Manifests: checksums beside the data, as other tools and Ketter write them.

    entries   what a manifest says of one file; which paths and values are sound
    kinds     which names are a manifest's, and where its paths begin
    lists     checksum lists: `sha256sum`, `md5 -r`, `xxhsum`, GNU's and BSD's styles
    mhl       ASC MHL 2.0, its chain, and classic MHL 1.1
    xml       a stream of XML from a stranger
    reading   one door to all of them: bytes in, entries out

Readers take pieces of bytes and yield as they go: a manifest of a million files needs no
more memory than one of ten. They open nothing, and know neither a source nor the ledger.
What a manifest says is a stranger's word: no path of it leads out of its own folder.
"""
