use super::*;

/// Every card of a file in a line: what it says, or why it says nothing.
fn told(file: &[u8]) -> Vec<String> {
    let mut cards = Cards::new(file, "windows-1252");
    let mut told = Vec::new();
    while let Some(card) = next(&mut cards).unwrap() {
        told.push(match card {
            Card::Whole(fields) => {
                let words = fields.iter().map(|(name, value)| format!("{name}={value}"));
                words.collect::<Vec<_>>().join("|")
            }
            Card::Broken(text, why) => format!("!{why} in {text:?}"),
            Card::PassedOver(why) => format!("-{why}"),
        });
    }
    told
}

fn card(lines: &str) -> String {
    let told = told(format!("BEGIN:VCARD\r\n{lines}END:VCARD\r\n").as_bytes());
    assert_eq!(told.len(), 1, "{told:?}");
    told.into_iter().next().unwrap()
}

#[test]
fn the_preferred_address_comes_first_in_every_version() {
    for preferred in ["EMAIL;PREF;INTERNET:", "EMAIL;type=INTERNET;TYPE=Pref:", "EMAIL;PREF=1:"] {
        let told =
            card(&format!("N:L;A\nEMAIL;TYPE=home;PREF=50:b@c.org\n{preferred}mailto:a@c.org\n"));
        assert_eq!(told, "Last name=L|First name=A|Email=a@c.org|Other emails=b@c.org");
    }
    let told = card(
        "TEL;TYPE=fax,pref:+1\nTEL;VALUE=uri;TYPE=\"voice,cell\":tel:+43-664-1;ext=2\nTEL;CELL:+43 2\n",
    );
    assert_eq!(told, "Phone=+43-664-1|Other phones=+1; +43 2");
    assert_eq!(card("TEL;FAX:+1\n"), "Other phones=+1");
}

#[test]
fn names_are_taken_apart_only_where_they_are_whole() {
    for (lines, expected) in [
        (
            "N:van Gogh;Vincent;Willem;Mr.;\n",
            "Last name=van Gogh|First name=Vincent|Middle name=Willem|Name prefix=Mr.",
        ),
        ("VERSION:2.1\nN:Smith, Jr.;John\n", "Last name=Smith, Jr.|First name=John"),
        ("VERSION:4.0\nN:O\\;Neil;Mary,Ann;;;\n", "Last name=O;Neil|First name=Mary Ann"),
        ("FN:Ada Lovelace\nN:;;;;\n", "First name=Ada|Last name=Lovelace"),
        ("FN:Lovelace\\, Ada\n", "First name=Ada|Last name=Lovelace"),
        ("FN:ada@c.org\nEMAIL:ada@c.org\n", "Email=ada@c.org"),
        ("FN:Acme Inc\nORG:Acme Inc;Sales;West\n", "Company=Acme Inc|Department=Sales, West"),
        ("FN:Acme Shops\nKIND:org\nORG:Acme\n", "Company=Acme"),
        ("FN:Acme Shops\nX-ABShowAs:COMPANY\nORG:Acme\n", "Company=Acme"),
        ("KIND:group\nFN:Friends\n", "-the card is a group of contacts and no contact"),
    ] {
        assert_eq!(card(lines), expected, "{lines}");
    }
}

#[test]
fn values_are_unfolded_unescaped_and_decoded() {
    for (lines, expected) in [
        ("NOTE:one\\ntwo\\, three\\; four\\\\n\n", "Notes=one\ntwo, three; four\\n"),
        ("NOTE:fol\n ded \n  twice\n", "Notes=folded  twice"),
        (
            "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:gr=FC=DFe=0D=0A=\nan alle=\n\n",
            "Notes=grüße\r\nan alle",
        ),
        ("FN;CHARSET=UTF-8;QUOTED-PRINTABLE:Zo=C3=AB\nTEL:1\n", "First name=Zoë|Phone=1"),
        ("CATEGORIES:a\\,b,c  d, e \nCATEGORIES:f\\;g\\,  h\n", "Tags=a\\,b; c  d; e; f\\;g\\,  h"),
        (
            "item1.URL;type=pref:http\\://a.org/?b=c,d\nURL:http://e.org\n",
            "Website=http://a.org/?b=c,d|Other websites=http://e.org",
        ),
        (
            "ADR;TYPE=home:;;;;;;\nADR:Box 1;Floor 2;Main St 3\\, left;Graz;Styria;8010;Austria\n",
            "Street=Main St 3, left, Floor 2, Box 1|City=Graz|Region=Styria|Postal code=8010|Country=Austria",
        ),
        (
            "IMPP:xmpp:a@b\nimpp:sip:c@d\nX-Skype:eve\nVERSION:3.0\nREV:2020\n",
            "IMPP=xmpp:a@b; sip:c@d|X-SKYPE=eve",
        ),
        ("X-PI-CRM-FIELD-NO-TES: a\\nb\nX-PI-CRM-STAGE:Won\n", "custom.no_tes=a\nb|stage=Won"),
    ] {
        assert_eq!(card(lines), expected, "{lines}");
    }
}

#[test]
fn dates_of_every_form_become_one_form() {
    for (line, expected) in [
        ("VERSION:4.0\nBDAY:19960415", "1996-04-15"),
        ("VERSION:4.0\nBDAY:1996-04-15", "1996-04-15"),
        ("VERSION:4.0\nBDAY:19531015T231000Z", "1953-10-15"),
        ("VERSION:4.0\nBDAY:--0415", "--04-15"),
        ("VERSION:4.0\nBDAY;VALUE=text:circa 1800", "circa 1800"),
        ("VERSION:3.0\nBDAY:1996-04-15", "1996-04-15"),
        ("VERSION:3.0\nBDAY;VALUE=date:1996-04-15", "1996-04-15"),
        ("VERSION:3.0\nBDAY:1996-04-15T00:00:00Z", "1996-04-15"),
        ("VERSION:3.0\nBDAY;X-APPLE-OMIT-YEAR=1604;VALUE=date:1604-04-15", "--04-15"),
        ("VERSION:2.1\nBDAY:19960415", "1996-04-15"),
        ("VERSION:2.1\nBDAY:15.4.1996", "15.4.1996"),
    ] {
        assert_eq!(card(&format!("{line}\n")), format!("Birthday={expected}"), "{line}");
    }
}

#[test]
fn pictures_are_passed_over_however_they_are_written() {
    for picture in [
        "PHOTO;ENCODING=b;TYPE=JPEG:AAAA\n BBBB\n CC==\n",
        "PHOTO;ENCODING=BASE64;JPEG:\n AAAA\n BB==\n\n",
        "PHOTO;JPEG;BASE64:AAAA\nBBBB\nCC==\n\n",
        "item2.PHOTO:data:image/jpeg;base64\\,AAAA\n",
        "X-MS-CARDPICTURE;TYPE=GIF;ENCOD\n ING=BASE64:\n AAAA\n",
        "AGENT:\nBEGIN:VCARD\nFN:Agent\nEND:VCARD\n",
    ] {
        assert_eq!(
            card(&format!("FN:Ada\n{picture}TEL:1\n")),
            "First name=Ada|Phone=1",
            "{picture}"
        );
    }
}

#[test]
fn what_is_no_card_costs_itself_only() {
    let file = b"hello\r\nBEGIN:VCARD\r\nFN:A\r\nEND:VCARD\r\n\r\nBEGIN:VCARD\nFN:B\nBEGIN:VCARD\nFN:C\nno property\nEND:VCARD\n\
        begin:vcard\rFN:Zo\xeb\rend:vcard \rBEGIN:VCARD\nFN:D\n";
    assert_eq!(
        told(file),
        [
            format!("!{OUTSIDE} in \"hello\\n\""),
            "First name=A".to_owned(),
            format!("!{UNENDED} in \"BEGIN:VCARD\\nFN:B\\n\""),
            format!("!{NO_PROPERTY} in \"BEGIN:VCARD\\nFN:C\\nno property\\nEND:VCARD\\n\""),
            "First name=Zoë".to_owned(),
            format!("!{UNENDED} in \"BEGIN:VCARD\\nFN:D\\n\""),
        ]
    );
    assert!(told(b"").is_empty() && told(b"\r\n\x1a").is_empty());
}

#[test]
fn a_card_may_be_as_long_as_its_pictures_make_it_and_no_longer() {
    let long = "A".repeat(3 * MAX_CARD);
    assert_eq!(card(&format!("FN:A\nPHOTO;ENCODING=b:{long}\nTEL:1\n")), "First name=A|Phone=1");
    let folded = format!("{}\n", "A".repeat(75)).repeat(MAX_CARD / 40).replace('\n', "\n ");
    assert_eq!(card(&format!("FN:A\nPHOTO;ENCODING=b:{folded}\nTEL:1\n")), "First name=A|Phone=1");
    for note in [&long, &folded] {
        let file = format!(
            "BEGIN:VCARD\nFN:A\nNOTE:{note}\nTEL:1\nEND:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\n"
        );
        let told = told(file.as_bytes());
        assert!(
            told[0].starts_with(&format!("!{TOO_LONG}")) && told[0].len() < 2 * KEPT,
            "{}",
            told[0].len()
        );
        assert_eq!(&told[1..], ["First name=B"]);
    }
}

/// Nothing that is in a file ends the reading of it: bytes, and pieces of cards in any order.
#[test]
fn no_file_is_lost_to_what_is_in_it() {
    const PIECES: [&str; 32] = [
        "BEGIN:VCARD\n",
        "END:VCARD\n",
        "BEGIN:VCARD\nVERSION:2.1\n",
        "N:",
        "FN",
        "TEL;TYPE=",
        "EMAIL;PREF=99999999999:",
        ":",
        ";",
        ",",
        "\\",
        "=",
        "=\n",
        "\n ",
        "\n",
        "\r",
        "\"",
        "BDAY:",
        "BDAY;VALUE=time:",
        "--04",
        "T10",
        "é",
        "=C3",
        "CATEGORIES:",
        "GEO:geo:",
        "ENCODING=B",
        "ENCODING=QUOTED-PRINTABLE",
        "CHARSET=utf-7",
        "data:;base64,",
        "TZ:-05",
        "JSCOMPS=\";1,2;s,\\",
        "REV:2020",
    ];
    let mut seed = 7_u64;
    let mut draw = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % most
    };
    for _ in 0..20_000 {
        let mut file = b"BEGIN:VCARD\n".to_vec();
        for _ in 0..draw(14) {
            file.extend_from_slice(PIECES[draw(PIECES.len())].as_bytes());
            if draw(20) == 0 {
                file.push(u8::try_from(draw(256)).unwrap());
            }
        }
        file.extend_from_slice(b"\nEND:VCARD\nBEGIN:VCARD\nFN:Last\nEND:VCARD\n");
        let told = told(&file);
        let last = told.last().unwrap();
        assert_eq!(last, "First name=Last", "{}", String::from_utf8_lossy(&file));
    }
}
