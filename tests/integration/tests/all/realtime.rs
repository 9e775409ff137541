//! Events over Socket.IO, from servers of others' making.

use std::{sync::Arc, time::Duration};

use ghlkit::{
    config::{Realtime, TokenPlace},
    native::{OsEntropy, SystemClock, TungsteniteConnector},
    realtime::{Backoff, Client, ClientSettings, Happening, SessionSettings},
    secret::Secret,
    sync::{CheckStatus, HealthLimits},
};
use integration::{
    Log, Peer, SOCKET_TOKEN, Setup, Shop, Wire, gateway, lines, local, order, realtime, wait_until,
};
use serde_json::{Value, json, value::RawValue};
use tokio::sync::Mutex;
use tracing::instrument::WithSubscriber as _;

const HANDSHAKE: &str = r#"0{"sid":"e1","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;
const WELCOME: &str = r#"40/socket,{"sid":"s1"}"#;

/// Waits until this many events were kept, and gives the last one's payload.
async fn kept(shop: &Shop, count: usize) -> Value {
    let payloads = wait_until("the events are kept", || async {
        let all = shop
            .db
            .column(
                "SELECT payload FROM ghlkit_inbox i JOIN ghlkit_inbox_copies ON inbox_id = i.id \
                 JOIN webhook_events w ON CAST(w.id AS TEXT) = webhook_event_id ORDER BY i.id",
            )
            .await;
        (all.len() >= count).then_some(all)
    })
    .await;
    assert_eq!(payloads.len(), count);
    serde_json::from_str(payloads.last().unwrap()).unwrap()
}

async fn has_status(shop: &Shop, order: &str, status: &str) {
    wait_until("the order has the status", || async {
        (shop.row(order).await.status == status).then_some(())
    })
    .await;
}

async fn in_step(shop: &Shop) {
    wait_until("the pass has ended", || async {
        let jobs = shop.db.column("SELECT state FROM ghlkit_jobs").await;
        (jobs == ["done"]).then_some(())
    })
    .await;
}

/// A client of its own, which talks to no engine.
fn client(port: u16, token: &str) -> Client {
    let settings = ClientSettings {
        origin: format!("ws://{}", local(port)),
        path: "/socket.io/".to_owned(),
        headers: Vec::new(),
        max_message_bytes: 10_000,
        session: SessionSettings {
            namespace: "/socket".to_owned(),
            token: Some(Secret::new(token)),
            send_token: true,
            connect_timeout_ms: 500,
            backoff: Backoff { first_ms: 20, most_ms: 40 },
        },
    };
    let connector = Arc::new(TungsteniteConnector::new().unwrap());
    Client::new(settings, connector, Arc::new(SystemClock), Arc::new(OsEntropy)).unwrap()
}

async fn next(client: &mut Client) -> Happening {
    tokio::time::timeout(Duration::from_secs(30), client.next()).await.expect("something happens")
}

/// Why the client has no connection.
async fn left(client: &mut Client) -> String {
    match next(client).await {
        Happening::Left { error, .. } => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_users_events_lead_to_their_orders_and_an_echo_to_nothing() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    shop.settle().await;
    let mut gateway = gateway(json!({ "recovery": true })).await;
    let (_engine, _worker) = shop.listen(realtime(local(gateway.port))).await;
    shop.reconciled(0).await;

    let (before, after) = (shop.stage_id("stage_new_order"), shop.stage_id("stage_shipped"));
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
    let said = json!({ "opportunityId": placed.opportunity, "newStageId": after, "previousStageId": before });
    gateway.tell(json!({ "do": "emit", "event": "opportunity.stage.changed", "args": [said] })).await;
    has_status(&shop, "7", "shipped").await;
    // Until then a person's edit may be written over.
    in_step(&shop).await;
    assert_eq!(kept(&shop, 1).await["previousStageId"], before);
    let payload = shop.db.value("SELECT payload FROM webhook_events").await;
    assert_eq!(serde_json::from_str::<Value>(&payload).unwrap()["previousStageId"], before);

    shop.human(|ghl, now| ghl.set_contact_field(now, &placed.contact, "order_status", json!("delivered")));
    let fields = json!([{ "id": "order_status", "value": "delivered" }]);
    let said = json!({ "contactId": placed.contact, "customFields": fields });
    gateway.tell(json!({ "do": "emit", "event": "contact.updated", "args": [said] })).await;
    has_status(&shop, "7", "delivered").await;
    in_step(&shop).await;

    // What is known already makes no call, by whichever name the stage goes.
    let mark = shop.mark();
    for stage in [shop.stage_id("stage_delivered"), "stage_delivered".to_owned()] {
        let said = json!({ "opportunityId": placed.opportunity, "newStageId": stage });
        gateway.tell(json!({ "do": "emit", "event": "opportunity.stage.changed", "args": [said] })).await;
    }
    gateway.tell(json!({ "do": "emit", "event": "contact.updated", "args": [said] })).await;
    kept(&shop, 5).await;
    wait_until("all are settled", || async {
        let states = shop.db.column("SELECT DISTINCT state FROM ghlkit_inbox").await;
        (states == ["settled"]).then_some(())
    })
    .await;
    assert_eq!(lines(&shop.sent(mark)), [""; 0]);
}

#[tokio::test]
async fn a_body_of_highlevels_counts_once_by_whichever_way_it_comes() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    let mut gateway = gateway(json!({})).await;
    let (_engine, _worker) = shop.listen(realtime(local(gateway.port))).await;
    shop.reconciled(0).await;
    let event = |id: &str, location: &str| {
        json!({ "type": "OpportunityStageUpdate", "id": placed.opportunity, "locationId": location, "webhookId": id,
            "pipelineStageId": shop.stage_id("stage_new_order"), "status": "open" })
    };
    shop.post(&event("w-1", mock_ghl::LOCATION_ID)).await.unwrap();
    for (name, body) in [
        ("webhook", event("w-1", mock_ghl::LOCATION_ID)),
        ("webhook", event("w-9", "elsewhere")),
        ("chat", json!({ "text": "hello" })),
        ("odd", json!("no object")),
        ("odd", json!([{ "type": "OpportunityStageUpdate", "id": "x" }])),
        ("InvoicePaid", json!({ "contactId": placed.contact })),
        ("webhook", event("w-2", mock_ghl::LOCATION_ID)),
    ] {
        gateway.tell(json!({ "do": "emit", "event": name, "args": [body] })).await;
    }
    assert_eq!(kept(&shop, 2).await["webhookId"], "w-2");
}

#[tokio::test]
async fn only_the_events_that_are_wanted_are_taken() {
    let shop = Shop::with(Setup::deaf()).await;
    let mut gateway = gateway(json!({})).await;
    let events = Some(["mine".to_owned()].into());
    let (_engine, _worker) = shop.listen(Realtime { events, ..realtime(local(gateway.port)) }).await;
    shop.reconciled(0).await;
    for name in ["contact.updated", "mine"] {
        gateway.tell(json!({ "do": "emit", "event": name, "args": [{ "id": name }] })).await;
    }
    assert_eq!(kept(&shop, 1).await, json!({ "type": "mine", "id": "mine" }));
}

#[tokio::test]
async fn the_token_travels_in_the_packet_or_a_header_and_a_wrong_one_is_refused_without_being_told() {
    let shop = Shop::with(Setup::deaf()).await;
    for place in [TokenPlace::Auth, TokenPlace::Header, TokenPlace::Both] {
        let mut gateway = gateway(json!({})).await;
        let (_engine, _worker) =
            shop.listen(Realtime { token_in: place, ..realtime(local(gateway.port)) }).await;
        let seen = counted(&mut gateway, "joined").await;
        assert_eq!(seen["urls"], json!(["/socket.io/?EIO=4&transport=websocket"]));
        let (auth, header) = (&seen["auths"][0]["token"], &seen["headers"][0]["authorization"]);
        assert_eq!(auth.as_str(), (place != TokenPlace::Header).then_some(SOCKET_TOKEN));
        assert_eq!(
            header.as_str(),
            (place != TokenPlace::Auth).then_some(&*format!("Bearer {SOCKET_TOKEN}"))
        );
    }

    let mut gateway = gateway(json!({ "token": "another" })).await;
    let log = Log::default();
    let refused = async {
        let (engine, worker) = shop.listen(realtime(local(gateway.port))).await;
        let seen = counted(&mut gateway, "refused").await;
        assert_eq!(seen["joined"], 0);
        let check = wait_until("health shows it", || async {
            let health = engine.health(HealthLimits::default()).await;
            health.checks.realtime.filter(|check| check.status == CheckStatus::Failing)
        })
        .await;
        assert!(check.detail.contains("unauthorized"), "{check:?}");
        worker.kill().await;
        assert_eq!(engine.health(HealthLimits::default()).await.checks.realtime, None, "nobody listens");
    };
    refused.with_subscriber(log.clone()).await;
    let mut client = client(gateway.port, SOCKET_TOKEN);
    let error = left(&mut client).await;
    assert!(error.contains("[unauthorized]") && error.contains("is not welcome"), "{error}");
    assert!(!error.contains(SOCKET_TOKEN), "{error}");
    assert!(!log.text().contains(SOCKET_TOKEN));
}

/// Waits until the server has counted one of these at least, and gives all it has seen.
async fn counted(gateway: &mut Peer, what: &str) -> Value {
    let gateway = &Mutex::new(gateway);
    wait_until(what, || async move {
        let seen = gateway.lock().await.seen().await;
        (seen[what].as_u64() >= Some(1)).then_some(seen)
    })
    .await
}

#[tokio::test]
async fn a_gap_is_followed_by_a_look_at_what_ghl_lists() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    shop.settle().await;
    let gateway = gateway(json!({ "recovery": true })).await;
    let port = gateway.port;
    let (engine, _worker) = shop.listen(realtime(local(port))).await;
    let first = shop.reconciled(0).await;
    let check = engine.health(HealthLimits::default()).await.checks.realtime.unwrap();
    assert_eq!((check.status, check.detail.as_str()), (CheckStatus::Ok, "events are listened to"));

    // The server dies with all it knew, and what happens meanwhile is never told.
    gateway.kill().await;
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
    let _gateway = integration::gateway(json!({ "recovery": true, "port": port })).await;
    shop.reconciled(first).await;
    has_status(&shop, "7", "shipped").await;
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_inbox").await, "0");
}

#[tokio::test]
async fn a_connection_that_is_half_open_is_given_up_and_nothing_is_lost() {
    let shop = Shop::with(Setup::deaf()).await;
    let timing = json!({ "recovery": true, "pingInterval": 150, "pingTimeout": 150 });
    let mut gateway = gateway(timing).await;
    let wire = Wire::to(gateway.port).await;
    let (_engine, _worker) = shop.listen(realtime(wire.address)).await;
    let first = shop.reconciled(0).await;
    let emit = |id: &str| json!({ "do": "emit", "event": "contact.updated", "args": [{ "contactId": id }] });
    gateway.tell(emit("before")).await;
    assert_eq!(kept(&shop, 1).await["contactId"], "before");
    wire.fall_silent();
    gateway.tell(emit("meanwhile")).await;
    wire.speak();
    assert_eq!(kept(&shop, 2).await["contactId"], "meanwhile");
    let seen = counted(&mut gateway, "recovered").await;
    assert_eq!(seen["recovered"], 1);
    let begun = shop.db.value("SELECT state FROM ghlkit_states WHERE kind = 'reconcile.repair'").await;
    assert!(begun.contains(&format!("\"begun\":{first},")), "no gap, so no other look: {begun}");
}

#[tokio::test]
async fn a_server_that_is_slow_is_waited_for_and_a_silent_one_is_not() {
    let mut slow = gateway(json!({ "slowMs": 300 })).await;
    let mut patient = client(slow.port, SOCKET_TOKEN);
    assert!(matches!(next(&mut patient).await, Happening::Joined { recovered: false }));
    // It is busy with something else: the client answers as it comes.
    slow.begin(json!({ "do": "ask", "event": "late" })).await;
    let Happening::Event(event) = next(&mut patient).await else { panic!() };
    patient.acknowledge(event.reply.unwrap(), &[]);

    for script in [json!([]), json!([HANDSHAKE]), json!([{ "waitMs": 60_000 }, HANDSHAKE])] {
        let silent = Peer::raw(json!({ "scripts": [script] })).await;
        let error = left(&mut client(silent.port, SOCKET_TOKEN)).await;
        assert!(error.contains("[timeout]"), "{error}");
    }
}

#[tokio::test]
async fn both_sides_answer_events() {
    let mut gateway = gateway(json!({})).await;
    let mut client = client(gateway.port, SOCKET_TOKEN);
    let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
    let id = client.emit("before", &[&raw("1")], Some(10_000)).unwrap().unwrap();
    assert!(matches!(next(&mut client).await, Happening::Joined { .. }));
    let Happening::Answer { id: answered, args } = next(&mut client).await else { panic!() };
    assert_eq!((answered, args[0].get()), (id, "\"heard\""));

    gateway.begin(json!({ "do": "ask", "event": "are you there?", "args": [{ "a": [1] }] })).await;
    let Happening::Event(event) = next(&mut client).await else { panic!() };
    assert_eq!((event.name.as_str(), event.args[0].get()), ("are you there?", r#"{"a":[1]}"#));
    client.acknowledge(event.reply.unwrap(), &[&raw(r#"{"yes":true}"#)]);
    client.emit("after", &[], None).unwrap();
    let (answered, _) = tokio::join!(gateway.done(), async {
        tokio::time::timeout(Duration::from_millis(500), client.next()).await.unwrap_err()
    });
    assert_eq!(answered, Value::Null);
    let seen = gateway.seen().await;
    assert_eq!(seen["emitted"], json!([["before", 1], ["after"]]));
    assert_eq!(seen["answers"], json!([{ "yes": true }]));

    gateway.tell(json!({ "do": "binary", "event": "picture" })).await;
    let Happening::Skipped(error) = next(&mut client).await else { panic!() };
    assert!(error.message().contains("binary"), "{error}");
    gateway.tell(json!({ "do": "emit", "event": "text", "args": ["more"] })).await;
    assert!(matches!(next(&mut client).await, Happening::Event(event) if event.name == "text"));
    gateway.tell(json!({ "do": "leave" })).await;
    assert!(left(&mut client).await.contains("closed the namespace"));
}

#[tokio::test]
async fn whatever_a_server_sends_the_client_says_what_was_wrong_and_comes_back() {
    let joined = |frame: Value| json!([[HANDSHAKE, WELCOME, frame], [HANDSHAKE, WELCOME]]);
    for (scripts, expected) in [
        (json!([["x"], [HANDSHAKE, WELCOME]]), "unexpected_reply"),
        (json!([["0{"], [HANDSHAKE, WELCOME]]), "unexpected_reply"),
        (json!([[r#"96:0{"sid":"x","upgrades":[]}"#], [HANDSHAKE, WELCOME]]), "unexpected_reply"),
        (json!([[{ "binary": 3 }], [HANDSHAKE, WELCOME]]), "unexpected_reply"),
        (json!([[HANDSHAKE, "40/socket,"], [HANDSHAKE, WELCOME]]), "Socket.IO 2"),
        (joined(json!("42/socket,[")), "unexpected_reply"),
        (joined(json!("42/socket,[\"connect\"]")), "unexpected_reply"),
        (joined(json!("\u{0}")), "unexpected_reply"),
        (joined(json!("")), "unexpected_reply"),
        (joined(json!({ "binary": 1 })), "unexpected_reply"),
        (joined(json!({ "bytes": 20_000 })), "too_large"),
        (joined(json!({ "binary": 20_000 })), "too_large"),
        (joined(json!("close")), "network"),
        (joined(json!("1")), "network"),
        (joined(json!("41/socket,")), "network"),
    ] {
        let server = Peer::raw(json!({ "scripts": scripts })).await;
        let mut client = client(server.port, SOCKET_TOKEN);
        let mut error = None;
        while error.is_none() {
            match next(&mut client).await {
                Happening::Left { error: why, .. } => error = Some(why.to_string()),
                Happening::Joined { recovered: false } => {}
                other => panic!("{scripts}: {other:?}"),
            }
        }
        assert!(error.as_ref().unwrap().contains(expected), "{scripts}: {error:?}");
        assert!(matches!(next(&mut client).await, Happening::Joined { recovered: false }), "{scripts}");
    }
    for status in [400, 401, 404, 500] {
        let server = Peer::raw(json!({ "status": status })).await;
        let error = left(&mut client(server.port, SOCKET_TOKEN)).await;
        assert!(error.contains(&format!("status {status}")) && error.contains("[network]"), "{error}");
        assert!(!error.contains(SOCKET_TOKEN));
    }
}

/// Runs a part of the proof, which fails where something does not hold.
async fn prove(args: &[&str]) -> Value {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_realtime_proof"));
    let output =
        command.args(args).stderr(std::process::Stdio::inherit()).kill_on_drop(true).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

#[tokio::test]
async fn ten_thousand_events_arrive_once_each_in_their_order() {
    let mut gateway = gateway(json!({ "recovery": true })).await;
    let mut client = client(gateway.port, SOCKET_TOKEN);
    assert!(matches!(next(&mut client).await, Happening::Joined { .. }));
    gateway.begin(json!({ "do": "emit", "event": "e", "args": [{ "nth": "#" }], "count": 10_000 })).await;
    for nth in 0..10_000 {
        let Happening::Event(event) = next(&mut client).await else { panic!() };
        assert_eq!(event.args[0].get(), format!("{{\"nth\":\"{nth}\"}}"));
        assert!(event.offset.is_some());
    }
    gateway.done().await;
    gateway.tell(json!({ "do": "emit", "event": "last" })).await;
    assert!(matches!(next(&mut client).await, Happening::Event(event) if event.name == "last"));
}

#[tokio::test]
async fn events_are_kept_once_each() {
    assert_eq!(prove(&["events", "500"]).await["kept"], 500);
}

#[tokio::test]
async fn connections_that_are_killed_lose_no_event() {
    let said = prove(&["drops", "20"]).await;
    assert_eq!((&said["drops"], &said["gaps"]), (&20.into(), &0.into()), "{said}");
}

#[tokio::test]
async fn servers_that_are_killed_cost_no_change() {
    assert_eq!(prove(&["kills", "20"]).await["kills"], 20);
}
