//! Many made-up contacts, by the road files take: as fast as an import, and a file each at a time.

use std::fmt::Write as _;

use anyhow::ensure;
use crm_contacts::import::{ImportPlan, ImportState};
use crm_core::Scope;

use super::super::{import, session::Session};
use super::contacts::Person;

/// Contacts of one file.
const FILE: u32 = 50_000;

/// Adds the contacts of these numbers that are not there yet; returns how many were new.
pub(super) async fn seed(
    session: &Session,
    scope: &Scope,
    numbers: std::ops::Range<u32>,
    (stages, tags): (&[String], &[String]),
) -> anyhow::Result<u64> {
    let imports = &session.booted.services.imports;
    let mut added = 0;
    let mut from = numbers.start;
    while from < numbers.end {
        let to = numbers.end.min(from.saturating_add(FILE));
        let mut file = String::from(
            "first_name,last_name,primary_email,primary_phone,company,value_minor,stage,tags\n",
        );
        for number in from..to {
            let person = Person::of(number);
            let stage = person.stage(stages).map(String::as_str).unwrap_or_default();
            let tag = person.tag(tags).map(String::as_str).unwrap_or_default();
            let value = person.value_minor.map(|value| value.to_string()).unwrap_or_default();
            let phone = person.phone.unwrap_or_default();
            let (first, last, company) = (person.first_name, person.last_name, person.company);
            let email = person.email;
            writeln!(file, "{first},{last},{email},{phone},{company},{value},{stage},{tag}")?;
        }
        let stored = imports.upload(scope, "made-up.csv", file.into_bytes()).await?;
        imports.plan(scope, stored.id, ImportPlan::default()).await?;
        if !session.beside_server() {
            imports.run(scope.workspace_id(), stored.id).await?;
        }
        let done = import::ended(imports.as_ref(), scope, stored.id).await?;
        ensure!(done.state == ImportState::Done, "contacts {from} to {to} were not added");
        added += done.counts.created;
        from = to;
    }
    Ok(added)
}
