//! Versions of templates say which language model a draft in them is by.

use crate::step::Sql;

const UP: &[&str] = &["ALTER TABLE template_versions ADD COLUMN drafted_with text"];
const DOWN: &[&str] = &["ALTER TABLE template_versions DROP COLUMN drafted_with"];

/// `template_versions.drafted_with`
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000090_drafted_with", sqlite: (UP, DOWN), postgres: (UP, DOWN) };
