//! Properties of vCards that only we know: what a contact has and a card has no place for.

/// What their names begin with.
const OURS: &str = "X-PI-CRM-";
/// What the names of custom fields begin with, in a card and as a column.
const FIELD: &str = "FIELD-";
const CUSTOM: &str = "custom.";

/// Columns other than custom fields, with the rest of the property's name.
const OTHERS: [(&str, &str); 3] =
    [("owner", "OWNER"), ("value_minor", "VALUE-MINOR"), ("stage", "STAGE")];

/// The property of a column; `None` where a card has a place for it.
pub(crate) fn property(column: &str) -> Option<String> {
    if let Some(name) = column.strip_prefix(CUSTOM) {
        // Names of properties have no `_`, those of fields have no `-`.
        return Some(format!("{OURS}{FIELD}{}", name.to_uppercase().replace('_', "-")));
    }
    let (_, name) = OTHERS.iter().find(|(known, _)| *known == column)?;
    Some(format!("{OURS}{name}"))
}

/// The column of a property, whatever its case; `None` where it is none of ours.
pub(crate) fn column(property: &str) -> Option<String> {
    let property = property.to_uppercase();
    let name = property.strip_prefix(OURS)?;
    if let Some(field) = name.strip_prefix(FIELD) {
        return Some(format!("{CUSTOM}{}", field.to_lowercase().replace('-', "_")));
    }
    let (column, _) = OTHERS.iter().find(|(_, known)| *known == name)?;
    Some((*column).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_there_and_back() {
        for (of_column, of_property) in [
            ("custom.no_tes2", "X-PI-CRM-FIELD-NO-TES2"),
            ("custom.stage", "X-PI-CRM-FIELD-STAGE"),
            ("stage", "X-PI-CRM-STAGE"),
            ("value_minor", "X-PI-CRM-VALUE-MINOR"),
        ] {
            assert_eq!(property(of_column).unwrap(), of_property);
            assert_eq!(column(&of_property.to_lowercase()).unwrap(), of_column);
        }
        assert_eq!(property("company"), None);
        assert_eq!(column("X-SKYPE"), None);
    }
}
