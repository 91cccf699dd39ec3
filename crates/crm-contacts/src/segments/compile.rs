//! From a segment to one SQL condition on contacts: identifiers from the code, values bound.
//!
//! Every condition is true or false, never unknown, so that `not` means exactly everybody else.

use std::collections::{BTreeSet, HashMap, HashSet};

use crm_core::{CampaignId, Context, ListId, Scope, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::parse::{MAX_DEPTH, MAX_NODES};
use super::tree::{CustomCondition, Segment, SegmentNode};
use super::{Result, SegmentError, campaign, consent, custom, leaf, task};
use crate::contacts::definitions::{self, FieldType};
use crate::door::Door;
use crate::entity::contact_lists;

/// What conditions are compiled with.
pub(super) struct Compiler<'a> {
    pub(super) door: Door<'a>,
    pub(super) scope: &'a Scope,
    pub(super) sqlite: bool,
    pub(super) now: Timestamp,
    /// The conditions on custom fields, by themselves.
    custom: HashMap<String, Expr>,
    /// The conditions for those of the lists named that are in this workspace.
    lists: HashMap<ListId, Expr>,
    /// Those of the campaigns named that are in this workspace.
    campaigns: HashSet<CampaignId>,
}

/// Compiles a segment against the fields, lists and campaigns of the scope's workspace.
pub(crate) async fn run(
    ctx: &Context,
    door: Door<'_>,
    scope: &Scope,
    segment: &Segment,
) -> Result<Condition> {
    let mut named = Named::default();
    named.collect(&segment.0, 1)?;
    let mut compiler = Compiler {
        door,
        scope,
        sqlite: ctx.db.is_sqlite(),
        now: ctx.now(),
        custom: HashMap::new(),
        lists: HashMap::new(),
        campaigns: HashSet::new(),
    };
    if !named.custom.is_empty() {
        let known = definitions::load(door, scope).await?;
        let fields: HashMap<String, FieldType> =
            known.into_iter().map(|known| (known.name, known.field_type)).collect();
        for condition in named.custom {
            let key = key(condition);
            if !compiler.custom.contains_key(&key) {
                let unknown = || unknown_field(&condition.custom);
                let field_type = fields.get(&condition.custom).ok_or_else(unknown)?;
                let expr = custom::condition(&compiler, condition, *field_type).await?;
                compiler.custom.insert(key, expr);
            }
        }
    }
    if !named.lists.is_empty() {
        let select = contact_lists::Entity::find()
            .filter(contact_lists::Column::Id.is_in(named.lists.iter().copied()));
        for list in door.all(scope, select).await? {
            let is_in = leaf::list_condition(compiler.sqlite, door, scope, list.id).await?;
            compiler.lists.insert(list.id, is_in);
        }
    }
    if !named.campaigns.is_empty() {
        use campaign::campaigns::{Column, Entity};
        let select = Entity::find()
            .filter(Column::Kind.eq(campaign::KIND))
            .filter(Column::Id.is_in(named.campaigns.iter().copied()));
        let known = door.all(scope, select).await?;
        compiler.campaigns = known.into_iter().map(|known| known.id).collect();
    }
    Ok(Condition::all().add(compiler.node(&segment.0)?))
}

/// How many contacts are in a segment of one condition on a custom field, without asking every contact; `None` for every
/// other segment.
pub(crate) async fn count_by_values(
    ctx: &Context,
    scope: &Scope,
    segment: &Segment,
) -> Result<Option<(u64, bool)>> {
    let mut node = &segment.0;
    while let SegmentNode::All { all: inner } | SegmentNode::Any { any: inner } = node {
        let [only] = inner.as_slice() else { return Ok(None) };
        node = only;
    }
    let SegmentNode::Custom(condition) = node else { return Ok(None) };
    let known = definitions::load(Door::Db(&ctx.db), scope).await?;
    match known.into_iter().find(|known| known.name == condition.custom) {
        Some(field) => custom::count(ctx, scope, condition, field.field_type).await,
        None => Ok(None),
    }
}

fn unknown_field(name: &str) -> SegmentError {
    SegmentError::Unknown(format!("unknown custom field \"{name}\""))
}

/// What a condition on a custom field is found again by.
fn key(condition: &CustomCondition) -> String {
    format!("{condition:?}")
}

/// What a segment names that must be looked up.
#[derive(Default)]
struct Named<'a> {
    nodes: usize,
    custom: Vec<&'a CustomCondition>,
    lists: BTreeSet<ListId>,
    campaigns: BTreeSet<CampaignId>,
}

impl<'a> Named<'a> {
    /// Walks the tree, which may have been built in code and not by [`Segment::parse`], within the bounds.
    fn collect(&mut self, node: &'a SegmentNode, depth: usize) -> Result<()> {
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Err(SegmentError::Malformed(format!(
                "a segment may be {MAX_DEPTH} levels deep and have {MAX_NODES} conditions"
            )));
        }
        match node {
            SegmentNode::All { all: inner } | SegmentNode::Any { any: inner } => {
                inner.iter().try_for_each(|node| self.collect(node, depth + 1))
            }
            SegmentNode::Not { not } => self.collect(not, depth + 1),
            SegmentNode::Custom(condition) => {
                self.custom.push(condition);
                Ok(())
            }
            SegmentNode::List { list } => {
                self.lists.insert(*list);
                Ok(())
            }
            SegmentNode::Campaign { campaign } => {
                self.campaigns.insert(campaign.id);
                Ok(())
            }
            SegmentNode::Field(_)
            | SegmentNode::Created { .. }
            | SegmentNode::Activity { .. }
            | SegmentNode::Task { .. }
            | SegmentNode::Consent { .. }
            | SegmentNode::StageDays { .. } => Ok(()),
        }
    }
}

impl Compiler<'_> {
    fn node(&self, node: &SegmentNode) -> Result<Expr> {
        match node {
            SegmentNode::All { all } => self.joined(all, true),
            SegmentNode::Any { any } => self.joined(any, false),
            SegmentNode::Not { not } => Ok(self.node(not)?.not()),
            SegmentNode::Field(condition) => leaf::field(self.sqlite, condition),
            SegmentNode::Custom(condition) => {
                let expr = self.custom.get(&key(condition)).cloned();
                expr.ok_or_else(|| unknown_field(&condition.custom))
            }
            SegmentNode::List { list } => {
                let is_in = self.lists.get(list).cloned();
                is_in.ok_or_else(|| SegmentError::Unknown(format!("unknown list \"{list}\"")))
            }
            SegmentNode::Created { created } => leaf::created(created),
            SegmentNode::Activity { activity } => leaf::activity(self, activity.clone()),
            SegmentNode::Task { task } => Ok(task::state(self, task)),
            SegmentNode::Campaign { campaign: asked } if !self.campaigns.contains(&asked.id) => {
                Err(SegmentError::Unknown(format!("unknown campaign \"{}\"", asked.id)))
            }
            SegmentNode::Campaign { campaign: asked } => Ok(campaign::state(self, asked)),
            SegmentNode::Consent { consent: channel } => Ok(consent::granted(self, *channel)),
            SegmentNode::StageDays { stage_days } => Ok(task::stage_days(self, stage_days)),
        }
    }

    fn joined(&self, nodes: &[SegmentNode], every: bool) -> Result<Expr> {
        let mut joined: Option<Expr> = None;
        for node in nodes {
            let node = self.node(node)?;
            joined = Some(match joined {
                None => node,
                Some(before) if every => before.and(node),
                Some(before) => before.or(node),
            });
        }
        // Nothing to meet is met by everybody; nothing to choose from by nobody.
        Ok(joined.unwrap_or_else(|| Expr::val(1).eq(i32::from(every))))
    }
}
