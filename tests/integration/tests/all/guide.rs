//! What the guide shows is read by what reads it; its blocks in Rust are documentation tests, those in JavaScript, TypeScript
//! and of commands are tried in `tests/js`.

use std::{fs, process::Command};

use ghlkit::{
    config::Config,
    order::{OrderData, OrderRules, StatusModel},
    sync::{
        HealthLimits,
        push::{PushChange, PushOrder, plan},
    },
    webhook::{self, EventBody},
};
use integration::{Fence, PAGES_WITH_RUST, Shop, fences};
use mock_ghl::FaultPlan;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn blocks(language: &str) -> impl Iterator<Item = Fence> {
    fences().into_iter().filter(move |fence| fence.language == language)
}

fn part<T: DeserializeOwned>(value: &Value, name: &str) -> T {
    serde_json::from_value(value[name].clone()).unwrap()
}

#[test]
fn every_block_says_how_it_is_checked() {
    for Fence { place, language, check, .. } in fences() {
        let page = place.split(':').next().unwrap();
        let known = match language.as_str() {
            "rust" => matches!(check.as_str(), "" | "no_run") && PAGES_WITH_RUST.contains(&page),
            "ts" | "sh" | "sql" | "toml" => check.is_empty(),
            "js" | "json" => !check.is_empty(),
            _ => false,
        };
        assert!(known, "{place}: nothing checks a block of `{language},{check}`");
    }
}

#[test]
fn a_first_success_takes_fifteen_lines() {
    let starts: Vec<_> =
        fences().into_iter().filter(|fence| fence.place.starts_with("quick-start.md")).collect();
    let code: Vec<_> = starts.iter().filter(|fence| ["js", "rust"].contains(&&*fence.language)).collect();
    assert_eq!(code.len(), 3);
    for Fence { place, text, .. } in code {
        assert!(text.lines().count() <= 15, "{place}: {} lines", text.lines().count());
    }
}

#[tokio::test]
async fn json_is_read() {
    let mut read = 0;
    for Fence { place, check, text, .. } in blocks("json") {
        match check.as_str() {
            "options" => drop(Config::from_json(&text).expect(&place)),
            "order" => drop(OrderData::from_json(&text, &OrderRules::default()).expect(&place)),
            "model" => drop(StatusModel::from_json(&text).expect(&place)),
            "faults" => drop(FaultPlan::parse(&text).expect(&place)),
            "workflow" => {
                let event = webhook::parse(text.as_bytes()).expect(&place);
                assert!(matches!(event.body, EventBody::Workflow(_)), "{place}: {event:?}");
            }
            "push" => {
                let value: Value = serde_json::from_str(&text).expect(&place);
                let (order, change) =
                    (part::<PushOrder>(&value, "order"), part::<PushChange>(&value, "change"));
                assert!(!plan(&StatusModel::default(), &order, &change).expect(&place).is_empty(), "{place}");
            }
            "health" => {
                let shop = Shop::open().await;
                let health = json!(shop.engine.health(HealthLimits::default()).await);
                let shown: Value = serde_json::from_str(&text).expect(&place);
                assert_eq!(shape(&shown), shape(&health), "{place}");
            }
            other => panic!("{place}: nothing reads `{other}`"),
        }
        read += 1;
    }
    assert!(read > 3, "{read}");
}

/// The names in it, and which texts of the answer are words of a list.
fn shape(health: &Value) -> (Vec<&String>, Vec<(&String, &Value)>) {
    let checks = health["checks"].as_object().unwrap();
    (
        health.as_object().unwrap().keys().collect(),
        checks.iter().map(|(name, of)| (name, &of["status"])).collect(),
    )
}

#[tokio::test]
async fn sql_runs_on_the_tables_that_an_engine_has_made() {
    let shop = Shop::open().await;
    for Fence { place, text, .. } in blocks("sql") {
        assert!(shop.db.try_rows(&text).await.is_ok(), "{place}: {:?}", shop.db.try_rows(&text).await);
    }
}

#[test]
fn features_that_a_manifest_names_exist() {
    let core = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../core/Cargo.toml")).unwrap();
    let mut seen = 0;
    for Fence { place, text, .. } in blocks("toml") {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("src")).unwrap();
        fs::write(dir.path().join("src/lib.rs"), "").unwrap();
        let file = dir.path().join("Cargo.toml");
        fs::write(&file, format!("[package]\nname = \"shown\"\nedition = \"2024\"\n{text}")).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]).arg(&file);
        let output = cargo.output().unwrap();
        assert!(output.status.success(), "{place}: {}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let dependencies = metadata["packages"][0]["dependencies"].as_array().unwrap();
        let ghlkit = dependencies.iter().find(|dependency| dependency["name"] == "ghlkit").expect(&place);
        for feature in ghlkit["features"].as_array().unwrap() {
            let feature = feature.as_str().unwrap();
            assert!(core.contains(&format!("\n{feature} = [")), "{place}: there is no feature {feature}");
            seen += 1;
        }
    }
    assert!(seen > 0);
}
