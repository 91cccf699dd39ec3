//! Putting a whole list of addresses on it, in one transaction.

use std::collections::HashMap;

use crm_core::{AuditEvent, Scope, SuppressionId, Tx};
use sea_orm::Set;
use sea_orm::sea_query::OnConflict;

use super::lines::{self, bad_line};
use super::sea::{SeaSuppressions, normal};
use super::service::{BadLine, ImportReport, Result};
use super::{Reason, among_in};
use crate::entity::suppressions::{ActiveModel, Column};
use crate::templates::Channel;

/// Addresses looked up in one statement; each is looked for as it is and by its fingerprint.
const CHUNK: usize = 400;

/// Bad lines that are named one by one.
const MAX_PROBLEMS: usize = 200;

pub(super) async fn run(
    on: &SeaSuppressions,
    scope: &Scope,
    (channel, reason): (Channel, Reason),
    list: &[u8],
    dry_run: bool,
) -> Result<ImportReport> {
    let (lines, mut bad) = lines::read(list)?;
    let region = on.region(scope).await?;
    let mut report = ImportReport { dry_run, ..ImportReport::default() };
    report.lines = u64::try_from(lines.len() + bad.len()).unwrap_or(u64::MAX);
    // By channel: the addresses in the order of the list, each with the first reason given for it.
    let mut wanted: HashMap<Channel, Vec<(String, Reason)>> = HashMap::new();
    let mut seen = std::collections::HashSet::new();
    for line in lines {
        let channel = line.channel.unwrap_or(channel);
        match normal(channel, &line.address, &region) {
            Ok(address) if seen.insert((channel, address.clone())) => {
                let reason = line.reason.unwrap_or(reason);
                wanted.entry(channel).or_default().push((address, reason));
            }
            Ok(_) => report.repeated += 1,
            Err(problem) => bad.push(bad_line(line.number, &line.address, problem)),
        }
    }
    drop(seen);
    name_problems(&mut report, bad);

    let tx = on.ctx.db.begin().await?;
    for (channel, addresses) in &wanted {
        for chunk in addresses.chunks(CHUNK) {
            write(on, &tx, scope, (*channel, chunk), &mut report).await?;
        }
    }
    if dry_run || report.added == 0 {
        tx.rollback().await?;
        return Ok(report);
    }
    let event = AuditEvent::about("suppressions.imported", "suppression")
        .with("added", report.added)
        .with("known", report.known)
        .with("invalid", report.invalid)
        .with("reason", reason);
    on.record(&tx, scope, event).await?;
    tx.commit().await?;
    Ok(report)
}

fn name_problems(report: &mut ImportReport, mut bad: Vec<BadLine>) {
    report.invalid = u64::try_from(bad.len()).unwrap_or(u64::MAX);
    bad.sort_by_key(|line| line.line);
    bad.truncate(MAX_PROBLEMS);
    report.problems = bad;
}

/// Counts what is new of these, and writes it unless this is a trial.
async fn write(
    on: &SeaSuppressions,
    tx: &Tx,
    scope: &Scope,
    (channel, chunk): (Channel, &[(String, Reason)]),
    report: &mut ImportReport,
) -> Result<()> {
    let ctx = &on.ctx;
    let addresses = chunk.iter().map(|(address, _)| address.as_str());
    let known = among_in(ctx, tx, scope, channel, addresses).await?;
    let new: Vec<ActiveModel> = chunk
        .iter()
        .filter(|(address, _)| !known.contains(address))
        .map(|(address, reason)| ActiveModel {
            id: Set(ctx.id(SuppressionId::from_uuid)),
            workspace_id: Set(scope.workspace_id()),
            channel: Set(channel.as_str().to_owned()),
            address: Set(address.clone()),
            reason: Set(reason.as_str().to_owned()),
            created_at: Set(ctx.now()),
        })
        .collect();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    report.known += count(chunk.len() - new.len());
    report.added += count(new.len());
    if !report.dry_run && !new.is_empty() {
        // Somebody else may put the same address on the list at the same moment.
        let columns = [Column::WorkspaceId, Column::Channel, Column::Address];
        let rule = OnConflict::columns(columns).do_nothing().to_owned();
        tx.insert_many_on_conflict(scope, new, rule).await?;
    }
    Ok(())
}
