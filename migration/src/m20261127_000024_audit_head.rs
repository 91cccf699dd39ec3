//! Where the audit log ends: number and hash of its last entry, so that entries cut off its end are missed.

use crate::step::Sql;

/// `audit_head`, which has one row.
pub(crate) const STEP: Sql = Sql {
    name: "m20261127_000024_audit_head",
    sqlite: (
        &[
            "CREATE TABLE audit_head (
                id INTEGER NOT NULL PRIMARY KEY,
                seq INTEGER NOT NULL,
                hash TEXT NOT NULL,
                CONSTRAINT \"ck_audit_head_id\" CHECK (id = 1)
            )",
            FROM_LOG,
        ],
        &["DROP TABLE audit_head"],
    ),
    postgres: (
        &[
            "CREATE TABLE audit_head (
                id BIGINT NOT NULL PRIMARY KEY,
                seq BIGINT NOT NULL,
                hash TEXT NOT NULL,
                CONSTRAINT \"ck_audit_head_id\" CHECK (id = 1)
            )",
            FROM_LOG,
        ],
        &["DROP TABLE audit_head"],
    ),
};

/// The end of a log that is there already; of an empty one the hash that stands before the first entry.
const FROM_LOG: &str = "
    INSERT INTO audit_head (id, seq, hash)
    SELECT 1,
        coalesce((SELECT max(seq) FROM audit_logs), 0),
        coalesce((SELECT hash FROM audit_logs ORDER BY seq DESC LIMIT 1),
            '0000000000000000000000000000000000000000000000000000000000000000')";
