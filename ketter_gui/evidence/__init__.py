"""What leaves the program: exports and signatures that hold up without it.

    keys          the ledger's Ed25519 key, and every public key it ever had
    signed        a JSON object with a signature in it: made, read, checked
    heads         the end of the chain as such an object
    audit_csv     the audit as CSV, streamed, with FILE.csv.sig beside it
    audit_verify  an export, a ledger or a head: does it hold?
    manifests/    ASC MHL, classic MHL and checksum lists, read

This room does not know the ledger: rows come in as `domain.chain.Row`, heads as values.
"""
