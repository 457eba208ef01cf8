PRAGMA application_id = 1262834772;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE audit (
    format TEXT NOT NULL,
    chain TEXT NOT NULL,
    sequence INTEGER PRIMARY KEY,
    time_utc TEXT NOT NULL,
    event TEXT NOT NULL,
    transfer_id TEXT NOT NULL,
    mode TEXT NOT NULL,
    user TEXT NOT NULL,
    host TEXT NOT NULL,
    item_path TEXT NOT NULL,
    path_form TEXT NOT NULL,
    source_path TEXT NOT NULL,
    destination_path TEXT NOT NULL,
    size_bytes TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    source_checksum TEXT NOT NULL,
    destination_checksum TEXT NOT NULL,
    read_back TEXT NOT NULL,
    result TEXT NOT NULL,
    duration_s TEXT NOT NULL,
    speed_bytes_per_s TEXT NOT NULL,
    error_type TEXT NOT NULL,
    message TEXT NOT NULL,
    details TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    entry_hash TEXT NOT NULL);
INSERT INTO "audit" VALUES('ketter-audit/1','56d71b27d2d049e6a5f5d370c7f9fcd8',1,'2026-03-01T12:00:00.000000Z','ERROR','','','','','','plain','','','','','','','','','','','','','{}','0000000000000000000000000000000000000000000000000000000000000000','21f1795d642f4c57eebf4261894638f031e1eeea0564534aea66e17aaed0c00b');
INSERT INTO "audit" VALUES('ketter-audit/1','56d71b27d2d049e6a5f5d370c7f9fcd8',2,'2026-11-25T21:54:15.758214Z','TRANSFER_INTERRUPTED','1','copy','root','vm','','plain','','','','','','','','','','','','Its program was closed.','{"owner_host":"vm","owner_pid":16345,"version":"0.1.0"}','21f1795d642f4c57eebf4261894638f031e1eeea0564534aea66e17aaed0c00b','8db11fe6958c7600ec95cc24cb2725d97609861fce14a8586cc0b4d96b125416');
CREATE TABLE checkpoints (
    sequence INTEGER PRIMARY KEY,
    entry_hash TEXT NOT NULL,
    before_us INTEGER NOT NULL,
    signature TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signed_us INTEGER NOT NULL);
CREATE TABLE claims (
    id INTEGER PRIMARY KEY,
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    volume TEXT NOT NULL,
    within BLOB NOT NULL CHECK (typeof(within) = 'blob'),
    kind TEXT NOT NULL CHECK (kind IN ('exclusive','shared')),
    UNIQUE (transfer, volume, within));
INSERT INTO "claims" VALUES(1,1,'card',X'4443494D','shared');
CREATE TABLE copies (
    item INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    destination INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status = 'pending' OR status = 'copying' OR status = 'verifying' OR status = 'proven' OR status = 'verified' OR status = 'renamed' OR status = 'copied' OR status = 'skipped' OR status = 'failed' OR status = 'cancelled'),
    inode INTEGER,
    part_size INTEGER,
    part_mtime_ns INTEGER,
    final_path BLOB CHECK (typeof(final_path) IN ('blob','null')),
    read_back TEXT NOT NULL DEFAULT ''
        CHECK (read_back = '' OR read_back = 'storage' OR read_back = 'server' OR read_back = 'memory' OR read_back = 'cache'),
    checksums TEXT NOT NULL DEFAULT '',
    proven_us INTEGER NOT NULL DEFAULT 0,
    ctime_ns INTEGER,
    proof INTEGER,
    lost INTEGER NOT NULL DEFAULT 0,
    error_type TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (item, destination),
    CHECK (status NOT IN ('proven','verified') OR inode IS NOT NULL)) WITHOUT ROWID;
INSERT INTO "copies" VALUES(1,0,'pending',NULL,NULL,NULL,NULL,'','',0,NULL,NULL,0,'','');
INSERT INTO "copies" VALUES(1,1,'pending',NULL,NULL,NULL,NULL,'','',0,NULL,NULL,0,'','');
CREATE TABLE destinations (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    idx INTEGER NOT NULL CHECK (idx >= 0),
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    volume TEXT NOT NULL,
    within BLOB NOT NULL CHECK (typeof(within) = 'blob'),
    medium TEXT NOT NULL CHECK (medium IN ('storage','server','memory')),
    devices TEXT NOT NULL,
    label TEXT NOT NULL,
    volume_kind TEXT NOT NULL,
    files_verified INTEGER NOT NULL DEFAULT 0,
    files_failed INTEGER NOT NULL DEFAULT 0,
    bytes_verified INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (transfer, idx)) WITHOUT ROWID;
INSERT INTO "destinations" VALUES(1,0,X'2F6D6E742F647269766530','drive0',X'','storage','["dev-drive0"]','DRIVE0','ssd',0,0,0);
INSERT INTO "destinations" VALUES(1,1,X'2F6D6E742F647269766531','drive1',X'','storage','["dev-drive1"]','DRIVE1','ssd',0,0,0);
CREATE TABLE expected (
    item INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    history INTEGER NOT NULL,
    manifest INTEGER NOT NULL,
    algorithm TEXT NOT NULL,
    value TEXT NOT NULL,
    is_equal INTEGER CHECK (is_equal IN (0,1)),
    PRIMARY KEY (item, history, manifest, algorithm, value)) WITHOUT ROWID;
CREATE TABLE heads (
    sequence INTEGER NOT NULL,
    entry_hash TEXT NOT NULL,
    signature TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signed_us INTEGER NOT NULL,
    PRIMARY KEY (sequence, key_id)) WITHOUT ROWID;
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    source INTEGER NOT NULL,
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    kind TEXT NOT NULL CHECK (kind = 'file' OR kind = 'folder' OR kind = 'symlink'),
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    gid INTEGER NOT NULL,
    links INTEGER NOT NULL DEFAULT 1,
    data_bytes INTEGER CHECK (data_bytes >= 0),
    checksums TEXT NOT NULL DEFAULT '',
    read_in INTEGER,
    set_aside BLOB CHECK (typeof(set_aside) IN ('blob','null')),
    is_removed INTEGER NOT NULL DEFAULT 0 CHECK (is_removed IN (0,1)),
    UNIQUE (transfer, path));
INSERT INTO "items" VALUES(1,1,0,X'4443494D2F3030303030302E6D6F76','file',1000,1700000000123456789,2,66,7,33188,1,2,1,NULL,'',NULL,NULL,0);
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    chain TEXT NOT NULL CHECK (length(chain) = 32),
    created_us INTEGER NOT NULL,
    pruned_us INTEGER NOT NULL DEFAULT 0);
INSERT INTO "ledger" VALUES(1,'56d71b27d2d049e6a5f5d370c7f9fcd8',1795643655751903,0);
CREATE TABLE link_targets (
    item INTEGER PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    target BLOB NOT NULL CHECK (typeof(target) = 'blob'));
CREATE TABLE missing_files (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    history INTEGER NOT NULL,
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    manifest INTEGER NOT NULL,
    is_explained INTEGER NOT NULL DEFAULT 0 CHECK (is_explained IN (0,1)),
    PRIMARY KEY (transfer, history, path)) WITHOUT ROWID;
CREATE TABLE owners (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lock_name TEXT NOT NULL UNIQUE,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    started_us INTEGER NOT NULL);
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE source_manifests (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    history INTEGER NOT NULL,
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    is_beside INTEGER NOT NULL CHECK (is_beside IN (0,1)),
    when_us INTEGER NOT NULL DEFAULT 0,
    files_listed INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    files_equal INTEGER NOT NULL DEFAULT 0,
    files_different INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (transfer, number)) WITHOUT ROWID;
CREATE TABLE sources (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    idx INTEGER NOT NULL CHECK (idx >= 0),
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    name BLOB NOT NULL CHECK (typeof(name) = 'blob'),
    kind TEXT NOT NULL CHECK (kind IN ('file','folder','symlink')),
    volume TEXT NOT NULL,
    within BLOB NOT NULL CHECK (typeof(within) = 'blob'),
    medium TEXT NOT NULL CHECK (medium IN ('storage','server','memory')),
    devices TEXT NOT NULL,
    label TEXT NOT NULL,
    volume_kind TEXT NOT NULL,
    PRIMARY KEY (transfer, idx)) WITHOUT ROWID;
INSERT INTO "sources" VALUES(1,0,X'2F6D6E742F636172642F4443494D',X'4443494D','folder','card',X'4443494D','storage','["dev-card"]','CARD','ssd');
CREATE TABLE taken (
    watch INTEGER NOT NULL REFERENCES watch_folders (id) ON DELETE CASCADE,
    folder BLOB NOT NULL CHECK (typeof(folder) = 'blob'),
    name BLOB NOT NULL CHECK (typeof(name) = 'blob'),
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    transfer INTEGER NOT NULL,
    born_ns INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('','delivered','removed','cancelled')),
    PRIMARY KEY (watch, folder, name, size_bytes, mtime_ns, inode, transfer)) WITHOUT ROWID;
CREATE TABLE transfers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE CHECK (length(token) = 8),
    name TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('copy','move')),
    status TEXT NOT NULL CHECK (status IN ('pending','preparing','running','waiting','paused','interrupted','completed','failed','cancelled')),
    options TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    started_us INTEGER NOT NULL DEFAULT 0,
    finished_us INTEGER NOT NULL DEFAULT 0,
    owner INTEGER REFERENCES owners (id) ON DELETE SET NULL,
    wish TEXT NOT NULL DEFAULT '' CHECK (wish IN ('','pause','resume','cancel')),
    files_total INTEGER NOT NULL DEFAULT 0,
    bytes_total INTEGER NOT NULL DEFAULT 0,
    is_scanned INTEGER NOT NULL DEFAULT 0 CHECK (is_scanned IN (0,1)),
    special_skipped INTEGER NOT NULL DEFAULT 0,
    copies_from_cache INTEGER NOT NULL DEFAULT 0,
    copies_doubted INTEGER NOT NULL DEFAULT 0,
    is_hidden INTEGER NOT NULL DEFAULT 0 CHECK (is_hidden IN (0,1)),
    originals_removed INTEGER NOT NULL DEFAULT 0,
    files_renamed INTEGER NOT NULL DEFAULT 0,
    bytes_renamed INTEGER NOT NULL DEFAULT 0,
    bytes_copied INTEGER NOT NULL DEFAULT 0,
    bytes_verified INTEGER NOT NULL DEFAULT 0,
    files_verified INTEGER NOT NULL DEFAULT 0,
    files_failed INTEGER NOT NULL DEFAULT 0,
    files_skipped INTEGER NOT NULL DEFAULT 0,
    bytes_per_second INTEGER NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    waits_for INTEGER REFERENCES transfers (id) ON DELETE SET NULL,
    watch INTEGER);
INSERT INTO "transfers" VALUES(1,'d2255284','A001','copy','interrupted','{"checksums":["sha256"],"exclude":[],"hard_links":false,"include":[],"limit_bytes_per_s":0,"manifests":[],"on_conflict":"skip","pack":"none","read_again":false,"remove_empty_folders":false,"reserve_bytes":0,"symlinks":"keep","verify":"full"}',1795643655754766,0,0,NULL,'',0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,'Its program was closed.',NULL,NULL);
CREATE TABLE watch_folders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL CHECK (typeof(path) = 'blob'),
    volume TEXT NOT NULL,
    within BLOB NOT NULL CHECK (typeof(within) = 'blob'),
    label TEXT NOT NULL,
    rules TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    is_on INTEGER NOT NULL DEFAULT 1 CHECK (is_on IN (0,1)),
    is_removed INTEGER NOT NULL DEFAULT 0 CHECK (is_removed IN (0,1)),
    owner INTEGER REFERENCES owners (id) ON DELETE SET NULL,
    wishes INTEGER NOT NULL DEFAULT 0,
    tripped TEXT NOT NULL DEFAULT '',
    figures TEXT NOT NULL DEFAULT '{}',
    heartbeat_us INTEGER NOT NULL DEFAULT 0,
    files_taken INTEGER NOT NULL DEFAULT 0,
    bytes_taken INTEGER NOT NULL DEFAULT 0,
    last_file BLOB NOT NULL DEFAULT x'' CHECK (typeof(last_file) = 'blob'),
    last_taken_us INTEGER NOT NULL DEFAULT 0);
CREATE INDEX transfers_watch ON transfers (watch) WHERE watch IS NOT NULL;
CREATE INDEX transfers_status ON transfers (status);
CREATE INDEX transfers_owner ON transfers (owner) WHERE owner IS NOT NULL;
CREATE INDEX transfers_doubted ON transfers (copies_doubted) WHERE copies_doubted > 0;
CREATE INDEX transfers_hidden ON transfers (is_hidden) WHERE is_hidden = 1;
CREATE INDEX transfers_waits_for ON transfers (waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX sources_place ON sources (volume, within);
CREATE INDEX destinations_place ON destinations (volume, within);
CREATE INDEX items_transfer ON items (transfer);
CREATE INDEX items_links ON items (transfer, device, inode) WHERE links > 1;
CREATE INDEX items_folders ON items (transfer, length(path) - length(CAST(replace(CAST(path AS TEXT), '/', '') AS BLOB))) WHERE kind = 'folder';
CREATE INDEX items_set_aside ON items (transfer) WHERE set_aside IS NOT NULL;
CREATE INDEX copies_failed ON copies (item) WHERE status = 'failed';
CREATE INDEX audit_transfer ON audit (transfer_id);
CREATE INDEX claims_volume ON claims (volume);
CREATE INDEX taken_transfer ON taken (transfer, folder, name);
CREATE INDEX taken_open ON taken (watch, transfer) WHERE outcome = '';
CREATE INDEX taken_born ON taken (watch, inode, born_ns)
    WHERE outcome = 'delivered' AND born_ns > 0;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('owners',1);
INSERT INTO "sqlite_sequence" VALUES('transfers',1);
INSERT INTO "sqlite_sequence" VALUES('items',1);
COMMIT;
