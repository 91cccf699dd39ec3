//! Contacts as vCards, over the API, from the pages and from the command line.

use serde_json::json;
use support::process::Site;
use support::{TestApp, both_databases, unchanged};

const PATH: &str = "/api/export/contacts.vcf";
const PASSWORD: &str = "a password nobody guesses";

/// The lines of a file, unfolded.
fn lines(text: &str) -> Vec<String> {
    text.replace("\r\n ", "").lines().map(str::to_owned).collect()
}

both_databases! {
    async fn contacts_leave_as_cards_with_the_columns_and_the_filter_asked_for(app: TestApp) {
        let owner = app.owner().await;
        let tag = owner.post("/api/lists", json!({"name": "a; b, c"})).await.expect(201).id();
        let field = json!({"label": "Plan B", "field_type": "text"});
        owner.post("/api/custom-definitions", field).await.expect(201);
        let me = owner.get("/api/auth/me").await.data()["user"].clone();
        let body = json!({
            "first_name": "Zoë; Maria", "last_name": "O\\Brien, Jr.", "primary_email": "zoe@example.org",
            "primary_phone": "+43 664 1234567", "company": "A, B & C; Ltd.", "owner_id": me["id"], "value_minor": 500,
            "custom": {"plan_b": "one\ntwo, \"three\"; four: five"}, "list_ids": [tag],
        });
        let zoe = owner.post("/api/contacts", body).await.expect(201).id();
        // More than are read at once.
        for number in 0..230 {
            owner.post("/api/contacts", json!({"company": format!("Company {number}")})).await.expect(201);
        }
        let file = owner.get(PATH).await;
        assert!(file.expect(200).header("content-type").starts_with("text/vcard"));
        assert!(file.header("content-disposition").contains("contacts.vcf"));
        assert_eq!(file.text.matches("BEGIN:VCARD\r\nVERSION:4.0\r\n").count(), 231);
        let told = lines(&file.text);
        let card: Vec<&str> = told.iter().take_while(|line| *line != "END:VCARD").map(String::as_str).collect();
        let rev = card[4].to_owned();
        assert!(rev.starts_with("REV:20") && rev.ends_with('Z') && rev.len() == 20, "{rev}");
        let uid = format!("UID:urn:uuid:{zoe}");
        let owner_line = format!("X-PI-CRM-OWNER:{}", me["email"].as_str().unwrap());
        assert_eq!(card, [
            "BEGIN:VCARD", "VERSION:4.0", "PRODID:-//pi-crm//EN", uid.as_str(), rev.as_str(),
            "FN:Zoë\\; Maria O\\\\Brien\\, Jr.", "N:O\\\\Brien\\, Jr.;Zoë\\; Maria;;;",
            "EMAIL:zoe@example.org", "TEL:+436641234567", "ORG:A\\, B & C\\; Ltd.",
            "CATEGORIES:a\\; b\\, c", owner_line.as_str(), "X-PI-CRM-VALUE-MINOR:500",
            "X-PI-CRM-STAGE:New", "X-PI-CRM-FIELD-PLAN-B:one\\ntwo\\, \"three\"\\; four: five",
        ]);

        let old = owner.get(&format!("{PATH}?version=3.0&ids={zoe}")).await;
        assert_eq!(old.expect(200).text.matches("BEGIN:VCARD\r\nVERSION:3.0\r\n").count(), 1);
        let some = owner.get(&format!("{PATH}?q=Company%2022&columns=company&sort=-company")).await;
        assert_eq!(some.expect(200).text.matches("BEGIN:VCARD").count(), 12);
        assert!(!some.text.contains("X-PI-CRM") && lines(&some.text).contains(&"FN:Company 229".to_owned()), "{}", some.text);
        let segment = r#"{"field":"company","op":"eq","value":"Company 7"}"#;
        let found = owner.get(&format!("{PATH}?segment_json={segment}")).await;
        assert_eq!(found.expect(200).text.matches("END:VCARD").count(), 1);
        assert_eq!(owner.get(&format!("{PATH}?q=nobody-is-called-this")).await.expect(200).text, "");
        let noted = app.db().texts("SELECT CAST(details AS text) FROM audit_logs WHERE action = 'contacts.exported' ORDER BY seq").await;
        let noted: Vec<serde_json::Value> = noted.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        let noted: Vec<_> = noted.iter().map(|entry| (entry["format"].as_str().unwrap(), entry["contacts"].as_u64().unwrap())).collect();
        assert_eq!(noted, [("vcard 4.0", 231), ("vcard 3.0", 1), ("vcard 4.0", 12), ("vcard 4.0", 1), ("vcard 4.0", 0)]);
        for (asked, field) in [("columns=nope", "columns"), ("version=2.1", "version"), ("ids=x", "ids")] {
            let refused = unchanged(app.db(), owner.get(&format!("{PATH}?{asked}"))).await;
            assert!(refused.expect(422).body["error"]["fields"][field].is_string(), "{}", refused.text);
        }
    }

    async fn pages_lead_to_the_cards(app: TestApp) {
        let owner = app.owner().await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada", "company": "A & B"})).await.expect(201).id();
        owner.post("/api/contacts", json!({"first_name": "Bob"})).await.expect(201);
        let one = format!("{PATH}?ids={ada}");
        let page = owner.get(&format!("/contacts/{ada}")).await;
        assert!(page.expect(200).text.contains(&format!("href=\"{one}\"")), "{}", page.text);
        assert!(owner.get(&one).await.expect(200).text.contains("\r\nORG:A & B\r\n"));
        let page = owner.get("/contacts?q=Ada").await;
        assert!(page.expect(200).text.contains(&format!("href=\"{PATH}?q=Ada\"")), "{}", page.text);
        let chosen = owner.get(&format!("/contacts/bulk?action=export_cards&ids={ada}")).await;
        assert_eq!((chosen.status, chosen.header("location")), (303, one.as_str()));
        // All that match, as the page of a selection asks for them.
        let rule = json!({"name": "A", "segment_json": {"all": [{"field": "company", "op": "contains", "value": "A"}]}});
        let saved = owner.post("/api/segments", rule).await.expect(201).id();
        let all = owner.get(&format!("/contacts/bulk?all=1&q=ada&segment_id={saved}&action=export_cards")).await;
        assert_eq!(all.status, 303, "{}", all.text);
        let cards = owner.get(all.header("location")).await;
        assert_eq!(cards.expect(200).text.matches("BEGIN:VCARD").count(), 1, "{}", cards.text);
        let none = owner.get("/contacts/bulk?all=1&q=nobody&action=export").await;
        assert_eq!(owner.get(none.header("location")).await.expect(200).text.lines().count(), 1);
        let page = owner.get("/import").await;
        assert!(page.expect(200).text.contains("CSV or vCard file") && page.text.contains(".vcf"), "{}", page.text);
    }

    async fn the_command_writes_cards_that_import_reads(site: Site) {
        let words = ["user", "add", "--email", "ada@example.com", "--name", "Ada", "--admin", "--password-stdin"];
        assert!(site.run_with(&words, PASSWORD).status.success());
        let file = support::paths::fixture("contacts-sample.csv").display().to_string();
        assert!(site.run(&["import", &file]).status.success());
        let contacts = site.db.count("SELECT count(*) FROM base_contacts").await;
        let out = site.data_dir().join("out.vcf").display().to_string();
        let done = site.run(&["export", "--out", &out, "--json"]);
        let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(told["contacts"], json!(contacts));
        let written = std::fs::read(&out).unwrap();
        assert_eq!(site.run(&["export", "--format", "vcard"]).stdout, written);
        assert!(written.starts_with(b"BEGIN:VCARD\r\nVERSION:4.0\r\n"));
        assert!(site.run(&["export", "--format", "vcard3"]).stdout.starts_with(b"BEGIN:VCARD\r\nVERSION:3.0\r\n"));
        assert!(!site.run(&["export", "--format", "xml"]).status.success());
        let back = site.run(&["import", &out, "--mode", "overwrite", "--json"]);
        let back: serde_json::Value = serde_json::from_slice(&back.stdout).unwrap();
        assert_eq!((&back["skipped"], &back["failed"]), (&json!(contacts), &json!(0)));
    }
}
