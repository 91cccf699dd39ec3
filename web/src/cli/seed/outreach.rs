//! A template and a draft campaign made from it, and the postal address that stands below it.

use crm_campaigns::TemplatesError;
use crm_campaigns::campaigns::{NewCampaign, Schedule, SendPolicy};
use crm_campaigns::templates::{Channel, NewTemplate};
use crm_contacts::Segment;
use crm_core::Scope;

use crate::state::Services;

const TEMPLATE: &str = "First delivery";
const CAMPAIGN: &str = "Winter rye, first delivery";

/// Makes both unless the template is there already.
pub(super) async fn seed(services: &Services, scope: &Scope) -> anyhow::Result<()> {
    let template = NewTemplate {
        name: TEMPLATE.to_owned(),
        channel: Channel::Email,
        subject: "The winter rye is here, {{ contact.first_name | default(\"baker\") }}".to_owned(),
        body_html: "<p>Hello {{ contact.first_name | default(\"there\") }},</p>\n\
            <p>the first sacks of winter rye leave the mill on Monday.\
            {% if contact.company %} Shall we put some aside for {{ contact.company }}?{% endif %}</p>\n\
            <p>Just answer this mail.</p>"
            .to_owned(),
        preheader: "The first sacks leave the mill on Monday.".to_owned(),
        signature: "Andy, {{ workspace.name }}".to_owned(),
        ..NewTemplate::default()
    };
    let template = match services.templates.create(scope, template).await {
        Ok(template) => template,
        Err(TemplatesError::DuplicateName) => return Ok(()),
        Err(err) => return Err(err.into()),
    };
    let policy = services.campaigns.policy(scope).await?;
    let postal_address = "Demo Mill\nMill Lane 1\n4020 Linz, Austria".to_owned();
    services.campaigns.set_policy(scope, SendPolicy { postal_address, ..policy }).await?;
    let newsletter = services.lists.all(scope).await?.into_iter().find(|list| !list.is_primary);
    let campaign = NewCampaign {
        name: CAMPAIGN.to_owned(),
        channel: Channel::Email,
        template_id: Some(template.id),
        segment: newsletter.map_or_else(Segment::everybody, |list| Segment::list(list.id)),
        schedule: Schedule::default(),
        subject_test: None,
        provider_id: None,
    };
    services.campaigns.create(scope, campaign).await?;
    Ok(())
}
