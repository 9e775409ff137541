//! The quick starts of the README and the guide do what they say.

use std::process::Command;

use integration::Shop;
use mock_ghl::{MockGhl, Settings};

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_starts_take_an_order_to_ghl() {
    take_an_order(env!("CARGO_BIN_EXE_readme"), "status_manufacturing", "In Production").await;
    take_an_order(env!("CARGO_BIN_EXE_guide"), "status_order_placed", "New Order").await;
}

async fn take_an_order(program: &str, tag: &str, stage: &str) {
    let ghl = MockGhl::start(Settings::unlimited()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let vars = Shop::vars(&ghl, &dir.path().join("shop.db"), &[("GHLKIT_CURRENCY", "EUR".to_owned())]);
    let mut program = Command::new(program);
    program.env_clear().envs(vars).current_dir(dir.path());
    let ran = tokio::task::spawn_blocking(move || program.output()).await.unwrap().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(String::from_utf8_lossy(&ran.stdout).contains("Synced"));
    ghl.with(|ghl| {
        let contact = ghl.contacts().next().unwrap();
        assert_eq!(contact.details["email"], "zofie@example.com");
        assert!(contact.tags.contains(&tag.to_owned()), "{:?}", contact.tags);
        let opportunity = ghl.opportunities().next().unwrap();
        assert_eq!(opportunity.name, "Order #1042");
        assert_eq!(ghl.stage(&opportunity.stage_id).unwrap().name, stage);
    });
}
