//! On how many days a provider has sent something: a new sender begins with few messages and warms up by days.

use crate::step::Sql;

const DOWN: &[&str] = &["ALTER TABLE provider_budgets DROP COLUMN days_sent"];

/// `provider_budgets.days_sent`
pub(crate) const STEP: Sql = Sql {
    name: "m20261128_000055_warm_up",
    sqlite: (
        &["ALTER TABLE provider_budgets ADD COLUMN days_sent INTEGER NOT NULL DEFAULT 0"],
        DOWN,
    ),
    postgres: (
        &["ALTER TABLE provider_budgets ADD COLUMN days_sent bigint NOT NULL DEFAULT 0"],
        DOWN,
    ),
};
