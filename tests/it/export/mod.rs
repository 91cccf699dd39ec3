//! Contacts as files, over the API and from the command line.

mod cards;

use serde_json::json;
use support::process::Site;
use support::{TestApp, both_databases, unchanged};

const PATH: &str = "/api/export/contacts.csv";
const PASSWORD: &str = "a password nobody guesses";

/// The rows of a CSV file by column.
fn rows(bytes: &[u8]) -> Vec<std::collections::HashMap<String, String>> {
    let text = std::str::from_utf8(bytes).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("a mark for spreadsheets");
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

both_databases! {
    async fn contacts_leave_as_a_file_with_the_columns_and_the_filter_asked_for(app: TestApp) {
        let owner = app.owner().await;
        let workspace = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let tag = owner.post("/api/lists", json!({"name": "a; b"})).await.expect(201).id();
        let field = json!({"label": "Plan", "field_type": "text"});
        owner.post("/api/custom-definitions", field).await.expect(201);
        let me = owner.get("/api/auth/me").await.data()["user"].clone();
        // More than are read at once.
        for number in 0..230 {
            let body = json!({
                "first_name": format!("=P{number}"), "primary_email": format!("p{number}@example.org"),
                "custom": {"plan": "-x"}, "list_ids": [tag], "owner_id": me["id"], "value_minor": 5,
            });
            owner.post("/api/contacts", body).await.expect(201);
        }
        owner.post("/api/contacts", json!({"company": "Zanzibar"})).await.expect(201);

        let file = owner.get(PATH).await;
        assert!(file.expect(200).header("content-type").starts_with("text/csv"));
        assert!(file.header("content-disposition").contains("contacts.csv"));
        let header = "\u{feff}first_name,last_name,primary_email,primary_phone,company,owner,value_minor,stage,tags,custom.plan,created_on\n";
        assert!(file.text.starts_with(header), "{}", &file.text[..200]);
        let all = rows(&file.bytes);
        assert_eq!(all.len(), 231);
        let numbers: Vec<_> = all[..230].iter().map(|row| row["first_name"].clone()).collect();
        assert_eq!(numbers, (0..230).map(|number| format!("'=P{number}")).collect::<Vec<_>>(), "none run, oldest first");
        assert_eq!((all[0]["tags"].as_str(), all[0]["custom.plan"].as_str()), ("a\\; b", "'-x"));
        assert_eq!((all[0]["owner"].as_str(), all[0]["stage"].as_str()), (me["email"].as_str().unwrap(), "New"));

        let some = owner.get(&format!("{PATH}?list_id={tag}&q=p22&columns=primary_email,%20custom.plan&sort=-primary_email")).await;
        assert_eq!(some.expect(200).text.lines().count(), 12);
        assert!(some.text.starts_with("\u{feff}primary_email,custom.plan\n"), "{}", some.text);
        assert!(some.text.contains("\np229@example.org,'-x\n"), "{}", some.text);
        let segment = r#"{"field":"company","op":"eq","value":"Zanzibar"}"#;
        let found = owner.get(&format!("{PATH}?segment_json={segment}")).await;
        assert_eq!(rows(&found.expect(200).bytes).len(), 1);

        let noted = app.db().texts("SELECT CAST(details AS text) FROM audit_logs WHERE action = 'contacts.exported' ORDER BY seq").await;
        let noted: Vec<serde_json::Value> = noted.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        assert_eq!(noted.iter().map(|entry| entry["contacts"].clone()).collect::<Vec<_>>(), [231, 11, 1]);
        assert_eq!((&noted[1]["q"], &noted[1]["list_id"]), (&json!("p22"), &json!(tag)));
        assert_eq!(noted[2]["segment"]["value"], "Zanzibar");

        for (asked, field) in [("columns=first_name,nope", "columns"), ("sort=nope", "sort"), ("segment_json=x", "segment_json")] {
            let refused = unchanged(app.db(), owner.get(&format!("{PATH}?{asked}"))).await;
            assert!(refused.expect(422).body["error"]["fields"][field].is_string(), "{}", refused.text);
        }
        let viewer = app.person(&owner, &workspace, "viewer@example.com", "viewer").await;
        assert_eq!(rows(&viewer.get(PATH).await.expect(200).bytes).len(), 231);
        let none = owner.get(&format!("{PATH}?q=nobody-is-called-this")).await;
        assert_eq!(rows(&none.expect(200).bytes).len(), 0);
    }

    async fn the_command_writes_what_import_reads(site: Site) {
        let words = ["user", "add", "--email", "ada@example.com", "--name", "Ada", "--admin", "--password-stdin"];
        assert!(site.run_with(&words, PASSWORD).status.success());
        let file = support::paths::fixture("contacts-sample.csv").display().to_string();
        assert!(site.run(&["import", &file]).status.success());
        let contacts = site.db.count("SELECT count(*) FROM base_contacts").await;
        let out = site.data_dir().join("out.csv").display().to_string();
        let done = site.run(&["export", "--out", &out, "--json"]);
        let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(told["contacts"], json!(contacts));
        let written = std::fs::read(&out).unwrap();
        assert_eq!(i64::try_from(rows(&written).len()).unwrap(), contacts);
        assert_eq!(site.run(&["export"]).stdout, written);
        let some = site.run(&["export", "--columns", "primary_email,stage", "--list", "New"]);
        assert!(String::from_utf8(some.stdout).unwrap().starts_with("\u{feff}primary_email,stage\n"));
        let back = site.run(&["import", &out, "--mode", "overwrite", "--json"]);
        let back: serde_json::Value = serde_json::from_slice(&back.stdout).unwrap();
        assert_eq!((&back["skipped"], &back["failed"]), (&json!(contacts), &json!(0)));
        for args in [&["export", "--json"][..], &["export", "--columns", "nope"], &["export", "--list", "nope"]] {
            assert!(!site.run(args).status.success(), "{args:?}");
        }
        assert!(!std::path::Path::new(&format!("{out}.part")).exists());
    }
}
