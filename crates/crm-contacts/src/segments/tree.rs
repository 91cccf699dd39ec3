//! The tree a segment is.

use crm_core::{CampaignId, ListId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{Result, SegmentError};
use crate::consents::ConsentChannel;

/// A filter over contacts: `{"all": [...]}`, `{"any": [...]}`, `{"not": ...}` over leaves. It is read from JSON by
/// [`Segment::parse`], whose errors name what is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Segment(pub SegmentNode);

/// One node of a segment.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[schema(as = Segment)]
pub enum SegmentNode {
    /// Every one of these holds; an empty list holds for everybody.
    All {
        /// The nodes.
        #[schema(no_recursion)]
        all: Vec<SegmentNode>,
    },
    /// At least one of these holds; an empty list holds for nobody.
    Any {
        /// The nodes.
        #[schema(no_recursion)]
        any: Vec<SegmentNode>,
    },
    /// This does not hold.
    Not {
        /// The node.
        #[schema(no_recursion)]
        not: Box<SegmentNode>,
    },
    /// A condition on a column.
    Field(FieldCondition),
    /// A condition on a custom field.
    Custom(CustomCondition),
    /// Being in a list.
    List {
        /// The list.
        list: ListId,
    },
    /// Having been added within a time.
    Created {
        /// The bounds, RFC 3339 date-times or dates.
        created: Range,
    },
    /// What happened on the timeline.
    Activity {
        /// What to look for.
        activity: Activity,
    },
    /// Having something to do, or nothing.
    Task {
        /// What to look for.
        task: TaskState,
    },
    /// How long they have been in their stage.
    StageDays {
        /// The bound.
        stage_days: StageDays,
    },
    /// What a campaign did about them.
    Campaign {
        /// What to look for.
        campaign: CampaignState,
    },
    /// Having consented to be written to, as they said last.
    Consent {
        /// The channel.
        consent: ConsentChannel,
    },
}

/// `{"field": "company", "op": "contains", "value": "bakery"}`
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentFieldCondition)]
pub struct FieldCondition {
    /// Column name.
    pub field: String,
    /// Operator word.
    pub op: Operator,
    /// What to compare with; absent for `is_set` and `is_not_set`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Operand>,
}

/// `{"custom": "vip", "op": "eq", "value": true}`
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentCustomCondition)]
pub struct CustomCondition {
    /// Name of the custom field.
    pub custom: String,
    /// Operator word.
    pub op: Operator,
    /// What to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Operand>,
}

/// What a condition compares with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
#[schema(as = SegmentOperand)]
pub enum Operand {
    /// A truth value.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Several texts, for `in`.
    Texts(Vec<String>),
}

/// How a condition compares. Texts are compared without case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SegmentOperator)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal, or not set.
    Neq,
    /// Holds the text anywhere.
    Contains,
    /// Begins with the text.
    StartsWith,
    /// Has a value.
    IsSet,
    /// Has no value.
    IsNotSet,
    /// Is one of several.
    In,
}

/// Two bounds, either open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentRange)]
pub struct Range {
    /// From this moment on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Before this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// `{"type": "email", "op": "none_since", "days": 30}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentActivity)]
pub struct Activity {
    /// Entry type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What about it.
    pub op: ActivityOperator,
    /// Within so many days; for `none_since` the length of the silence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// What a segment may ask of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SegmentActivityOperator)]
pub enum ActivityOperator {
    /// Something was sent.
    Sent,
    /// Something was opened.
    Opened,
    /// Nothing happened since.
    NoneSince,
}

/// `{"op": "overdue"}`: what is still to be done about a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentTask)]
pub struct TaskState {
    /// What about it.
    pub op: TaskOperator,
    /// Only tasks of this member; absent for those of everybody and nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee_id: Option<UserId>,
}

/// What a segment may ask of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SegmentTaskOperator)]
pub enum TaskOperator {
    /// Has a task that is not done.
    Open,
    /// Has a task that is not done and was due before now.
    Overdue,
    /// Has no task that is not done.
    None,
}

/// `{"more_than": 30}`: contacts that entered their stage at least so many days ago. One in no stage meets none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentStageDays)]
pub struct StageDays {
    /// Days in the stage.
    pub more_than: u32,
}

/// `{"id": "018f…", "op": "not_replied"}`: what came of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentCampaign)]
pub struct CampaignState {
    /// The campaign.
    pub id: CampaignId,
    /// What about it.
    pub op: CampaignOperator,
}

/// What a segment may ask of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SegmentCampaignOperator)]
pub enum CampaignOperator {
    /// Got its message.
    Sent,
    /// Did not get its message: it was for others, left them out, or failed.
    NotSent,
    /// Got it and opened it.
    Opened,
    /// Got it and followed a link in it.
    Clicked,
    /// Got it and answered.
    Replied,
    /// Got it and has not answered.
    NotReplied,
}

impl CampaignOperator {
    /// Every operator.
    pub const ALL: [Self; 6] =
        [Self::Sent, Self::NotSent, Self::Opened, Self::Clicked, Self::Replied, Self::NotReplied];

    /// The word for it in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::NotSent => "not_sent",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Replied => "replied",
            Self::NotReplied => "not_replied",
        }
    }
}

impl TaskOperator {
    /// Every operator.
    pub const ALL: [Self; 3] = [Self::Open, Self::Overdue, Self::None];

    /// The word for it in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::None => "none",
        }
    }
}

impl Segment {
    /// Everybody.
    pub const fn everybody() -> Self {
        Self(SegmentNode::All { all: Vec::new() })
    }

    /// Whoever is in this list.
    pub const fn list(list: ListId) -> Self {
        Self(SegmentNode::List { list })
    }
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 7] = [
        Self::Eq,
        Self::Neq,
        Self::Contains,
        Self::StartsWith,
        Self::IsSet,
        Self::IsNotSet,
        Self::In,
    ];

    /// The word for it in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Neq => "neq",
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::IsSet => "is_set",
            Self::IsNotSet => "is_not_set",
            Self::In => "in",
        }
    }
}

impl ActivityOperator {
    /// Every operator.
    pub const ALL: [Self; 3] = [Self::Sent, Self::Opened, Self::NoneSince];

    /// The word for it in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Opened => "opened",
            Self::NoneSince => "none_since",
        }
    }
}

impl Activity {
    /// Refuses what can never hold or means nothing.
    pub(super) fn checked(self) -> Result<Self> {
        match self.op {
            ActivityOperator::NoneSince if self.days.is_none() => Err(SegmentError::Malformed(
                "\"none_since\" needs \"days\", the length of the silence".to_owned(),
            )),
            ActivityOperator::Opened if self.kind != "email" => {
                Err(SegmentError::Malformed("only entries of type email can be opened".to_owned()))
            }
            _ => Ok(self),
        }
    }
}

impl Range {
    /// Reads a bound: a moment, or a date for its first moment in UTC. `key` names it in the error.
    pub(super) fn moment(key: &str, text: &str) -> Result<Timestamp> {
        let date = text.len() == "2026-11-03".len();
        let moment = if date { format!("{text}T00:00:00Z") } else { text.to_owned() };
        moment.parse().map_err(|_| {
            SegmentError::Malformed(format!(
                "\"{key}\" is no date or time: \"{text}\"; write 2026-11-03 or 2026-11-03T09:00:00Z"
            ))
        })
    }
}
