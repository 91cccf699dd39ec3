//! A contact nobody has, to show a template with.

use std::collections::BTreeMap;

use crm_contacts::Contact;
use crm_contacts::contacts::CustomValue;
use crm_core::{ContactId, Context};

/// Ada Lovelace, with something in every custom field.
pub(crate) fn contact(ctx: &Context, custom_fields: &[String]) -> Contact {
    let custom: BTreeMap<String, CustomValue> = custom_fields
        .iter()
        .map(|name| (name.clone(), CustomValue::Text(name.replace('_', " "))))
        .collect();
    Contact {
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        primary_email: Some("ada.lovelace@example.com".to_owned()),
        primary_phone: Some("+436641234567".to_owned()),
        company: "Analytical Engines".to_owned(),
        custom,
        ..Contact::blank(ctx.id(ContactId::from_uuid), ctx.now())
    }
}
