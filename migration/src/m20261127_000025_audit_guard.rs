//! The audit log takes new entries and nothing else: the database refuses to change or delete them, whoever asks.

use crate::step::Sql;

/// Triggers on `audit_logs` and `audit_head`.
pub(crate) const STEP: Sql = Sql {
    name: "m20261127_000025_audit_guard",
    sqlite: (SQLITE_UP, SQLITE_DOWN),
    postgres: (POSTGRES_UP, POSTGRES_DOWN),
};

/// A deleted user's `user_id` is emptied by the foreign key, which is the one change allowed. `INSERT OR REPLACE` would
/// delete without asking the trigger for it, so a new entry may not take the place of one.
const SQLITE_UP: &[&str] = &[
    "CREATE TRIGGER audit_logs_update BEFORE UPDATE ON audit_logs
        WHEN NOT (
            NEW.user_id IS NULL AND OLD.user_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM users WHERE id = OLD.user_id)
            AND NEW.id IS OLD.id AND NEW.seq IS OLD.seq AND NEW.workspace_id IS OLD.workspace_id
            AND NEW.action IS OLD.action AND NEW.entity_type IS OLD.entity_type
            AND NEW.entity_id IS OLD.entity_id AND NEW.details IS OLD.details
            AND NEW.ip_address IS OLD.ip_address AND NEW.timestamp IS OLD.timestamp
            AND NEW.prev_hash IS OLD.prev_hash AND NEW.hash IS OLD.hash
        )
    BEGIN SELECT RAISE(ABORT, 'an audit entry cannot be changed'); END",
    "CREATE TRIGGER audit_logs_delete BEFORE DELETE ON audit_logs
    BEGIN SELECT RAISE(ABORT, 'an audit entry cannot be deleted'); END",
    "CREATE TRIGGER audit_logs_insert BEFORE INSERT ON audit_logs
        WHEN EXISTS (SELECT 1 FROM audit_logs WHERE seq = NEW.seq)
            OR EXISTS (SELECT 1 FROM audit_logs WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'an audit entry cannot be replaced'); END",
    "CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head WHEN NEW.seq <= OLD.seq
    BEGIN SELECT RAISE(ABORT, 'the audit log does not get shorter'); END",
    "CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head
    BEGIN SELECT RAISE(ABORT, 'the end of the audit log cannot be deleted'); END",
    "CREATE TRIGGER audit_head_insert BEFORE INSERT ON audit_head
        WHEN EXISTS (SELECT 1 FROM audit_head)
    BEGIN SELECT RAISE(ABORT, 'the audit log has one end'); END",
];

const SQLITE_DOWN: &[&str] = &[
    "DROP TRIGGER audit_head_insert",
    "DROP TRIGGER audit_head_delete",
    "DROP TRIGGER audit_head_update",
    "DROP TRIGGER audit_logs_insert",
    "DROP TRIGGER audit_logs_delete",
    "DROP TRIGGER audit_logs_update",
];

const POSTGRES_UP: &[&str] = &[
    "CREATE FUNCTION audit_logs_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF NEW.user_id IS NULL AND OLD.user_id IS NOT NULL
                AND to_jsonb(NEW) - 'user_id' = to_jsonb(OLD) - 'user_id'
                AND NOT EXISTS (SELECT 1 FROM users WHERE id = OLD.user_id)
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'an audit entry cannot be changed';
        END IF;
        RAISE EXCEPTION 'an audit entry cannot be deleted';
    END $$",
    "CREATE TRIGGER audit_logs_change BEFORE UPDATE OR DELETE ON audit_logs
        FOR EACH ROW EXECUTE FUNCTION audit_logs_guard()",
    "CREATE TRIGGER audit_logs_truncate BEFORE TRUNCATE ON audit_logs
        FOR EACH STATEMENT EXECUTE FUNCTION audit_logs_guard()",
    "CREATE FUNCTION audit_head_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF NEW.seq > OLD.seq THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'the audit log does not get shorter';
        END IF;
        RAISE EXCEPTION 'the end of the audit log cannot be deleted';
    END $$",
    "CREATE TRIGGER audit_head_change BEFORE UPDATE OR DELETE ON audit_head
        FOR EACH ROW EXECUTE FUNCTION audit_head_guard()",
    "CREATE TRIGGER audit_head_truncate BEFORE TRUNCATE ON audit_head
        FOR EACH STATEMENT EXECUTE FUNCTION audit_head_guard()",
];

const POSTGRES_DOWN: &[&str] = &[
    "DROP TRIGGER audit_head_truncate ON audit_head",
    "DROP TRIGGER audit_head_change ON audit_head",
    "DROP FUNCTION audit_head_guard()",
    "DROP TRIGGER audit_logs_truncate ON audit_logs",
    "DROP TRIGGER audit_logs_change ON audit_logs",
    "DROP FUNCTION audit_logs_guard()",
];
