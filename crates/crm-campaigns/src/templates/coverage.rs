//! For how many contacts each variable of a template has no value.

use crm_contacts::{Segment, Segments as _};
use crm_core::Scope;
use serde::Serialize;

use super::compile::{self, Known};
use super::{NewTemplate, Result, SeaTemplates, preview, store};

/// Who lacks what a template says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateCoverage)]
pub struct Coverage {
    /// Contacts that were looked at.
    pub audience: u64,
    /// The variables about contacts, in the order they are written.
    pub variables: Vec<VariableCoverage>,
}

/// One variable of a template, and who lacks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateVariableCoverage)]
pub struct VariableCoverage {
    /// As written: `contact.first_name`.
    pub name: String,
    /// How many contacts have no value for it.
    pub missing: u64,
    /// Whether it is written somewhere without a default and without a condition on it: those contacts are then left out
    /// of a campaign.
    pub is_needed: bool,
}

pub(super) async fn run(
    templates: &SeaTemplates,
    scope: &Scope,
    content: &NewTemplate,
    segment: &Segment,
) -> Result<Coverage> {
    let fields = preview::custom_fields(templates, scope).await?;
    let content = store::made(content.clone(), Known::Fields(&fields))?;
    let compiled = compile::compile(&content, Known::Fields(&fields))?;
    let mut variables = Vec::new();
    let mut wanted = Vec::new();
    for (variable, is_needed) in compiled.variables() {
        if let Some(one) = variable.wanted() {
            wanted.push(one);
            variables.push((variable.name.clone(), is_needed));
        }
    }
    let lacking = templates.segments.lacking(scope, segment, &wanted).await?;
    let variables = variables.into_iter().zip(lacking.missing);
    Ok(Coverage {
        audience: lacking.audience,
        variables: variables
            .map(|((name, is_needed), missing)| VariableCoverage { name, missing, is_needed })
            .collect(),
    })
}
