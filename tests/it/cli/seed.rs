//! `pi-crm seed`

use support::both_databases;
use support::process::Site;

use super::{answered, refused};

both_databases! {
    async fn andy_and_monalisa_share_a_workspace_with_something_in_it(site: Site) {
        let done = answered(&site.run(&["seed", "--contacts", "25", "--json"]));
        let password = done["password"].as_str().expect("it was made and is printed once").to_owned();
        assert_eq!(done["contacts"], 25);

        // Again, with a server on the same data: nobody is made twice, and no password is told.
        let all = site.db.count("SELECT count(*) FROM base_contacts").await;
        let process = site.start().await;
        let again = answered(&site.run(&["seed", "--contacts", "25", "--json"]));
        assert!(again.get("password").is_none(), "{again}");
        assert_eq!(site.db.count("SELECT count(*) FROM users").await, 2);
        let demo = "SELECT id FROM workspaces WHERE name = 'Demo'";
        let demo = site.db.texts(demo).await.remove(0);
        let shared = format!("SELECT count(*) FROM base_contacts WHERE workspace_id = '{demo}'");
        assert_eq!(site.db.count(&shared).await, 25);
        assert_eq!(site.db.count("SELECT count(*) FROM base_contacts").await, all);
        for email in ["andy@example.com", "monalisa@example.com"] {
            let mut client = process.client();
            client.login(email, &password).await;
            let client = client.in_workspace(&demo);
            for (path, least) in [("/api/contacts", 25), ("/api/lists", 3), ("/api/templates", 1), ("/api/campaigns", 1)] {
                let listed = client.get(path).await;
                listed.expect(200);
                assert!(listed.data().as_array().unwrap().len() >= least, "{path}: {}", listed.text);
            }
        }
    }

    async fn the_password_is_the_one_that_was_set_and_a_weak_one_is_refused(site: Site) {
        let site = site.set("SEED_PASSWORD", "short");
        let said = refused(&site.run(&["seed"]));
        assert!(said.contains("SEED_PASSWORD"), "{said}");
        assert_eq!(site.db.count("SELECT count(*) FROM users").await, 0);

        let site = site.set("SEED_PASSWORD", "a password nobody guesses");
        let done = answered(&site.run(&["seed", "--contacts", "3", "--json"]));
        assert!(done.get("password").is_none(), "{done}");
        let process = site.start().await;
        process.client().login("monalisa@example.com", "a password nobody guesses").await;
    }
}
