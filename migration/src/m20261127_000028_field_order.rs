//! Custom fields have an order, can be put away without losing values, and count their changes.

use crate::step::Sql;

/// `custom_field_definitions.position`, `.archived_at`, `.version`
pub(crate) const STEP: Sql = Sql {
    name: "m20261127_000028_field_order",
    sqlite: (
        &[
            "ALTER TABLE custom_field_definitions ADD COLUMN position INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE custom_field_definitions ADD COLUMN archived_at TEXT",
            "ALTER TABLE custom_field_definitions ADD COLUMN version INTEGER NOT NULL DEFAULT 1",
        ],
        DOWN,
    ),
    postgres: (
        &[
            "ALTER TABLE custom_field_definitions ADD COLUMN position bigint NOT NULL DEFAULT 0",
            "ALTER TABLE custom_field_definitions ADD COLUMN archived_at text",
            "ALTER TABLE custom_field_definitions ADD COLUMN version bigint NOT NULL DEFAULT 1",
        ],
        DOWN,
    ),
};

const DOWN: &[&str] = &[
    "ALTER TABLE custom_field_definitions DROP COLUMN version",
    "ALTER TABLE custom_field_definitions DROP COLUMN archived_at",
    "ALTER TABLE custom_field_definitions DROP COLUMN position",
];
