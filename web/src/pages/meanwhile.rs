//! An edit of what somebody else changed since the form was opened: both versions are shown, and neither is written over
//! unseen.
//!
//! A form remembers what it was filled with. Where its version is no longer the one there is, it comes back (409): fields
//! the person left alone show what is stored now, and fields both changed are set side by side, to keep one or the other.

use std::collections::BTreeMap;

use crm_core::Scope;
use serde::Deserialize;

use crate::error::AppError;
use crate::state::App;
use crate::views::conflict::{Conflict, Difference};

/// The fields of a form as text, by the names of their inputs.
pub(super) type Texts = BTreeMap<String, String>;

/// What a form says about the version it was opened with.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub(super) struct Memory {
    /// What it was filled with, written by [`written`].
    pub(super) seen: String,
    /// `theirs` where the other version of `differs` is taken.
    pub(super) take: String,
    /// Names of the fields two people changed, with commas between them.
    pub(super) differs: String,
}

impl Memory {
    fn seen(&self) -> Option<Texts> {
        serde_json::from_str(&self.seen).ok()
    }

    /// The same, from a form that is read by names.
    pub(super) fn of(text: impl Fn(&str) -> String) -> Self {
        Self { seen: text("seen"), take: text("take"), differs: text("differs") }
    }

    /// Fields that take the value the form was filled with, because the person prefers the other version.
    pub(super) fn taken(&self) -> Texts {
        if self.take != "theirs" {
            return Texts::new();
        }
        let seen = self.seen().unwrap_or_default();
        let names = self.differs.split(',');
        names.filter_map(|name| Some((name.to_owned(), seen.get(name)?.clone()))).collect()
    }
}

/// What a form is filled with, as it remembers it.
pub(super) fn written(texts: &Texts) -> String {
    serde_json::to_string(texts).unwrap_or_default()
}

/// A field of a form for people.
pub(super) struct Named<'a> {
    /// Name of its input.
    pub(super) name: &'a str,
    /// What people call it.
    pub(super) label: &'a str,
}

/// What both sides want of one thing.
pub(super) struct Sides<'a> {
    /// Its kind and id in the audit log.
    pub(super) of: (&'a str, String),
    /// The fields, in the order of the form.
    pub(super) fields: &'a [Named<'a>],
    /// What is stored now.
    pub(super) theirs: &'a Texts,
    /// What the form remembers.
    pub(super) memory: &'a Memory,
    /// A value as people read it, by the name of its field.
    pub(super) say: &'a dyn Fn(&str, &str) -> String,
}

/// Whether two texts are one for people; browsers end lines in their own way.
fn same(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.trim().replace("\r\n", "\n");
    lines(one) == lines(other)
}

/// Sets two versions side by side. Fields the person left alone take the other version in `typed`.
pub(super) async fn conflict(
    app: &App,
    scope: &Scope,
    sides: Sides<'_>,
    typed: &mut Texts,
) -> Result<Conflict, AppError> {
    let seen = sides.memory.seen();
    let (mut rows, mut taken, mut differs) = (Vec::new(), Vec::new(), Vec::new());
    for field in sides.fields {
        let (Some(mine), Some(theirs)) = (typed.get(field.name), sides.theirs.get(field.name))
        else {
            continue;
        };
        if same(mine, theirs) {
            continue;
        }
        // A form that remembers nothing may have changed anything.
        let before = seen.as_ref().and_then(|seen| seen.get(field.name));
        let is_mine = before.is_none_or(|before| !same(mine, before));
        if is_mine {
            rows.push(Difference {
                label: field.label.to_owned(),
                yours: (sides.say)(field.name, mine),
                theirs: (sides.say)(field.name, theirs),
            });
            differs.push(field.name);
        } else {
            taken.push(field.label.to_owned());
            typed.insert(field.name.to_owned(), theirs.clone());
        }
    }
    let (who, at) = last(app, scope, sides.of.0, &sides.of.1).await?;
    Ok(Conflict {
        who,
        at,
        rows,
        taken,
        differs: differs.join(","),
        now: app.services.ctx.now().to_string(),
        time_zone: app.services.accounts.workspace(scope).await?.time_zone,
    })
}

/// Who changed something last, and when.
pub(super) async fn last(
    app: &App,
    scope: &Scope,
    kind: &str,
    id: &str,
) -> Result<(String, Option<String>), AppError> {
    let entry = crm_audit::latest(&app.services.ctx.db, scope, kind, id).await?;
    let Some(entry) = entry else { return Ok(("Somebody".to_owned(), None)) };
    let at = Some(entry.timestamp.to_string());
    if entry.user_id.is_some() && entry.user_id == scope.user_id() {
        return Ok(("You".to_owned(), at));
    }
    let members = app.services.accounts.members(scope).await?;
    let member = members.into_iter().find(|member| Some(member.user_id) == entry.user_id);
    Ok((member.map_or_else(|| "Somebody".to_owned(), |member| member.name), at))
}
