//! The audit log as a file.

use serde_json::json;
use support::{TestApp, both_databases, unchanged};

/// The rows of a CSV file by column.
fn rows(bytes: &[u8]) -> Vec<std::collections::HashMap<String, String>> {
    let text = std::str::from_utf8(bytes).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("a mark for spreadsheets");
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

both_databases! {
    async fn the_file_holds_every_entry_the_filter_lets_through(app: TestApp) {
        let owner = app.owner().await;
        let workspace = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        // More than are read at once.
        for number in 0..230 {
            let name = json!({"name": format!("=List {number}")});
            owner.post("/api/lists", name).await.expect(201);
        }
        let asked = format!("/api/audit/export.csv?workspace_id={workspace}");
        let file = owner.get(&asked).await;
        assert!(file.expect(200).header("content-type").starts_with("text/csv"));
        assert!(file.header("content-disposition").contains("audit.csv"));
        let all = rows(&file.bytes);
        let known = app.db().count("SELECT count(*) FROM audit_logs").await;
        assert_eq!(i64::try_from(all.len()).unwrap(), known, "the entry of the export is the first of them");
        assert_eq!(all[0]["action"], "audit.exported");
        let numbers: Vec<i64> = all.iter().map(|row| row["number"].parse().unwrap()).collect();
        assert!(numbers.is_sorted_by(|a, b| a == &(b + 1)), "newest first, none twice, none left out");
        let made: Vec<_> = all.iter().filter(|row| row["action"] == "list.created").collect();
        assert_eq!(made.len(), 230);
        assert!(made[0]["details"].contains("=List 229"));
        let when = &all.last().unwrap()["when"];
        assert!(when.ends_with('Z') && !all.iter().any(|row| row["when"].starts_with('=')));

        let only = rows(&owner.get(&format!("{asked}&action=list.created")).await.bytes);
        assert_eq!(only.len(), 230);
        assert!(only.iter().all(|row| row["action"] == "list.created"));
        let none = owner.get(&format!("{asked}&action=no.such")).await;
        assert_eq!(rows(&none.expect(200).bytes).len(), 0, "a header alone");
        let noted = app.db().texts("SELECT CAST(details AS text) FROM audit_logs WHERE action = 'audit.exported' ORDER BY seq").await;
        assert_eq!(noted.len(), 3);
        assert!(noted[1].contains("list.created"), "{}", noted[1]);

        // The page leads to what it shows.
        let page = owner.get("/settings/audit?action=list.created").await;
        let link = page.text.split("href=\"").find(|part| part.starts_with("/api/audit/export.csv")).unwrap();
        let link = link.split('"').next().unwrap().replace("&amp;", "&");
        assert_eq!(rows(&owner.get(&link).await.expect(200).bytes).len(), 230);

        let viewer = app.person(&owner, &workspace, "viewer@example.com", "viewer").await;
        unchanged(app.db(), viewer.get(&asked)).await.expect_error(403, "forbidden");
        unchanged(app.db(), owner.get(&format!("{asked}&actoin=x"))).await.expect_error(422, "validation_failed");
    }
}
