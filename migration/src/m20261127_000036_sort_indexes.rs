//! Contacts are sorted by any column and by any custom field at any depth: the indexes such an order is walked on.

use crate::step::Sql;

/// Indexes of `base_contacts` and `custom_fields`.
///
/// An address or a number is unique, so its own unique index is its order. Contacts without one are walked by id: the
/// partial indexes hold those alone. Their condition is written with `COALESCE`, because with `IS NULL` `SQLite`, which
/// takes a unique index for one row a key, would collect them by that index and sort them.
///
/// Values of custom fields are text. Numbers have an index in which they are numbers; all others are ordered by their
/// first 200 characters without case, since `PostgreSQL` cannot index a text much longer than 2000 bytes and lower-casing
/// may lengthen one. Both are expressions, which the database itself keeps in step with the value.
pub(crate) const STEP: Sql = Sql {
    name: "m20261127_000036_sort_indexes",
    sqlite: (
        &[
            FIRST_NAME,
            VALUE,
            STAGE,
            NO_EMAIL,
            NO_PHONE,
            "CREATE INDEX ix_custom_fields_as_number
                ON custom_fields (workspace_id, field_name, CAST(field_value AS REAL), contact_id)
                WHERE field_type = 'number'",
            "CREATE INDEX ix_custom_fields_as_text
                ON custom_fields (workspace_id, field_name, lower(substr(field_value, 1, 200)), contact_id)
                WHERE field_type <> 'number'",
        ],
        DOWN,
    ),
    // The CASE keeps PostgreSQL from reading as a number what is none, in whatever order it looks at conditions.
    postgres: (
        &[
            FIRST_NAME,
            VALUE,
            STAGE,
            NO_EMAIL,
            NO_PHONE,
            "CREATE INDEX ix_custom_fields_as_number ON custom_fields (workspace_id, field_name,
                (CASE WHEN field_type = 'number' THEN CAST(field_value AS double precision) END), contact_id)
                WHERE field_type = 'number'",
            "CREATE INDEX ix_custom_fields_as_text
                ON custom_fields (workspace_id, field_name, lower(substr(field_value, 1, 200)), contact_id)
                WHERE field_type <> 'number'",
        ],
        DOWN,
    ),
};

const FIRST_NAME: &str = "CREATE INDEX ix_base_contacts_workspace_id_first_name_id
    ON base_contacts (workspace_id, first_name, id)";
const VALUE: &str = "CREATE INDEX ix_base_contacts_workspace_id_value_minor_id
    ON base_contacts (workspace_id, value_minor, id)";
const STAGE: &str = "CREATE INDEX ix_base_contacts_workspace_id_stage_since_id
    ON base_contacts (workspace_id, stage_since, id)";
const NO_EMAIL: &str = "CREATE INDEX ix_base_contacts_without_email
    ON base_contacts (workspace_id, id) WHERE COALESCE(primary_email, '') = ''";
const NO_PHONE: &str = "CREATE INDEX ix_base_contacts_without_phone
    ON base_contacts (workspace_id, id) WHERE COALESCE(primary_phone, '') = ''";

const DOWN: &[&str] = &[
    "DROP INDEX ix_custom_fields_as_text",
    "DROP INDEX ix_custom_fields_as_number",
    "DROP INDEX ix_base_contacts_without_phone",
    "DROP INDEX ix_base_contacts_without_email",
    "DROP INDEX ix_base_contacts_workspace_id_stage_since_id",
    "DROP INDEX ix_base_contacts_workspace_id_value_minor_id",
    "DROP INDEX ix_base_contacts_workspace_id_first_name_id",
];
