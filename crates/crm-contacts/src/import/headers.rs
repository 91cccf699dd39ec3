//! The header row: names made unique, and what they suggest.

use std::collections::HashSet;

/// Longest header kept, in characters.
const MAX_HEADER: usize = 200;

/// Names people and programs give the columns of an address book, folded by [`fold`], by the contact column they mean.
/// English, German, French and Spanish.
const NAMES: [(&str, &[&str]); 9] = [
    (
        "first_name",
        &[
            "firstname",
            "first",
            "forename",
            "givenname",
            "given",
            "contactfirstname",
            "vorname",
            "rufname",
            "prenom",
            "nombre",
            "nombredepila",
            "primernombre",
        ],
    ),
    (
        "last_name",
        &[
            "lastname",
            "last",
            "surname",
            "familyname",
            "family",
            "contactlastname",
            "nachname",
            "familienname",
            "zuname",
            "nomdefamille",
            "nom",
            "apellido",
            "apellidos",
            "primerapellido",
        ],
    ),
    (
        "primary_email",
        &[
            "primaryemail",
            "email",
            "emailaddress",
            "emailaddresses",
            "mail",
            "mailaddress",
            "contactemail",
            "workemail",
            "businessemail",
            "email1",
            "email1value",
            "emailadresse",
            "mailadresse",
            "epost",
            "courriel",
            "adresseemail",
            "adressemail",
            "adresseelectronique",
            "correo",
            "correoelectronico",
            "direcciondecorreo",
        ],
    ),
    (
        "primary_phone",
        &[
            "primaryphone",
            "phone",
            "phonenumber",
            "telephone",
            "telephonenumber",
            "tel",
            "telno",
            "mobile",
            "mobilephone",
            "mobilenumber",
            "cell",
            "cellphone",
            "contactphone",
            "workphone",
            "businessphone",
            "phone1value",
            "telefon",
            "telefonnummer",
            "rufnummer",
            "mobil",
            "mobiltelefon",
            "mobilnummer",
            "handy",
            "handynummer",
            "telephoneportable",
            "portable",
            "numerodetelephone",
            "telefono",
            "numerodetelefono",
            "movil",
            "celular",
        ],
    ),
    (
        "company",
        &[
            "company",
            "companyname",
            "organization",
            "organisation",
            "organizationname",
            "organisationname",
            "employer",
            "business",
            "account",
            "accountname",
            "firma",
            "firmenname",
            "unternehmen",
            "betrieb",
            "societe",
            "entreprise",
            "nomdelasociete",
            "empresa",
            "nombredelaempresa",
            "compania",
        ],
    ),
    ("value_minor", &["valueminor", "valueincents", "valuecents", "amountincents"]),
    (
        "owner",
        &[
            "owner",
            "owneremail",
            "contactowner",
            "accountowner",
            "recordowner",
            "salesrep",
            "assignedto",
            "assignee",
            "betreuer",
            "betreuerin",
            "betreutvon",
            "zustandig",
            "zustaendig",
            "verantwortlich",
            "verantwortlicher",
            "besitzer",
            "inhaber",
            "kundenbetreuer",
            "ansprechpartnerintern",
        ],
    ),
    (
        "stage",
        &[
            "stage",
            "pipelinestage",
            "dealstage",
            "salesstage",
            "leadstage",
            "lifecyclestage",
            "leadstatus",
            "phase",
            "verkaufsphase",
            "vertriebsphase",
            "pipelinephase",
            "stufe",
            "leadphase",
        ],
    ),
    (
        "tags",
        &[
            "tags",
            "tag",
            "labels",
            "label",
            "contacttags",
            "categories",
            "category",
            "keywords",
            "schlagworte",
            "schlagwort",
            "schlagworter",
            "schlagwoerter",
            "stichworte",
            "stichworter",
            "kategorien",
            "kategorie",
            "etiketten",
            "markierungen",
            "listen",
        ],
    ),
];

/// The contact columns a file's columns can go to, custom fields aside.
pub(super) fn columns() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(column, _)| *column)
}

/// A name without case, accents, spaces and punctuation, so that `E-Mail` and `email` are one.
pub(super) fn fold(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).filter_map(unaccented).collect()
}

fn unaccented(letter: char) -> Option<char> {
    Some(match letter {
        'á' | 'à' | 'â' | 'ä' | 'ã' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        _ if letter.is_alphanumeric() => letter,
        _ => return None,
    })
}

/// The contact column a header means, if it is one of the usual names.
pub(super) fn meant(header: &str) -> Option<&'static str> {
    let folded = fold(header);
    NAMES.iter().find(|(_, names)| names.contains(&folded.as_str())).map(|(column, _)| *column)
}

/// Header cells as names: trimmed, never empty, no two alike (`email`, `email (2)`).
pub(super) fn unique<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = HashSet::new();
    cells
        .enumerate()
        .map(|(index, cell)| {
            let kept: String =
                cell.trim().chars().filter(|c| !c.is_control()).take(MAX_HEADER).collect();
            let name = if kept.is_empty() { format!("column {}", index + 1) } else { kept };
            let mut wanted = name.clone();
            let mut copy = 1_u32;
            while !taken.insert(wanted.clone()) {
                copy += 1;
                wanted = format!("{name} ({copy})");
            }
            wanted
        })
        .collect()
}

/// Whether the cells of a file's first row name its columns. A row that holds an e-mail address and no usual name is a
/// contact.
pub(super) fn are_names<'a>(mut cells: impl Iterator<Item = &'a str> + Clone) -> bool {
    cells.clone().any(|cell| meant(cell).is_some()) || !cells.any(|cell| cell.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_in_four_languages() {
        for (header, column) in [
            ("First name", "first_name"),
            ("Vorname", "first_name"),
            ("Prénom", "first_name"),
            ("last_name", "last_name"),
            ("E-Mail", "primary_email"),
            ("email address", "primary_email"),
            ("Correo electrónico", "primary_email"),
            ("Telefon", "primary_phone"),
            ("mobile", "primary_phone"),
            ("Téléphone", "primary_phone"),
            ("Firma", "company"),
            ("organisation", "company"),
            ("value_minor", "value_minor"),
            ("Contact owner", "owner"),
            ("Zuständig", "owner"),
            ("Deal stage", "stage"),
            ("Phase", "stage"),
            ("Tags", "tags"),
            ("Schlagwörter", "tags"),
            ("Kategorien", "tags"),
        ] {
            assert_eq!(meant(header), Some(column), "{header}");
        }
        assert_eq!(meant("name"), None);
        assert_eq!(meant("notes"), None);
    }

    #[test]
    fn headers_become_unique_and_never_empty() {
        let cells = ["email", " email ", "", "email (2)", "email"];
        let names = unique(cells.into_iter());
        assert_eq!(names, ["email", "email (2)", "column 3", "email (2) (2)", "email (3)"]);
    }

    #[test]
    fn a_contact_is_no_header() {
        assert!(!are_names(["Ada", "Lovelace", "ada@example.com"].into_iter()));
        assert!(are_names(["a", "b"].into_iter()));
        assert!(are_names(["email", "x@y"].into_iter()));
    }
}
