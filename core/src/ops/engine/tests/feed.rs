//! A host that polls for events.

use super::*;

#[test]
fn a_host_that_polls_hears_each_event_and_holds_up_no_pass() {
    let rig = Rig::new();
    rig.feed.listen(true);
    rig.ok("createOrder", json!({ "order": order("o1"), "waitMs": 0 }));
    rig.ok("updateStatus", json!({ "orderId": "o1", "status": "processing", "waitMs": 0 }));
    rig.location();
    rig.reply(201, json!({ "contact": { "id": "con1" } }));
    rig.reply(201, json!({ "opportunity": { "id": "opp1", "pipelineStageId": "s2" } }));

    let mut running = pin!(rig.engine.run());
    let mut taken: Vec<Value> = Vec::new();
    // The handler answers nothing until GHL has the order.
    for _ in 0..100 {
        assert!((&mut running).now_or_never().is_none());
        taken.extend(serde_json::from_str::<Vec<Value>>(&rig.feed.poll()).unwrap());
        if rig.transport.sent().len() == 6 {
            break;
        }
    }
    assert_eq!(rig.ok("order", json!({ "orderId": "o1" }))["syncedVersion"], 2);
    assert_eq!(taken.len(), 1, "the next is told when this one was heard: {taken:?}");
    rig.feed.failed(taken[0]["lease"].as_str().unwrap(), r#"{"message":"the mail server is down"}"#);
    // It is offered again, and the rest after it, in order.
    let hearing = async {
        let mut heard = Vec::new();
        while heard.len() < 2 {
            for item in serde_json::from_str::<Vec<Value>>(&rig.feed.poll()).unwrap() {
                heard.push(item["event"].clone());
                rig.feed.done(item["lease"].as_str().unwrap(), "null");
            }
            rig.clock.sleep(std::time::Duration::from_millis(100)).await;
        }
        heard
    };
    let Some(Either::Left((heard, _))) = drive(&rig.clock, select(Box::pin(hearing), running)) else {
        panic!("the loop ended");
    };
    assert_eq!(heard[0], taken[0]["event"]);
    let statuses: Vec<&Value> = heard.iter().map(|event| &event["payload"]["status"]).collect();
    assert_eq!(statuses, ["order_placed", "processing"]);
    assert!(heard[0]["position"].as_i64() < heard[1]["position"].as_i64(), "{heard:?}");
    assert_eq!((&heard[0]["orderId"], &heard[0]["type"]), (&json!("o1"), &json!("status_changed")));
}

#[test]
fn a_loop_that_stops_does_not_wait_for_a_host_that_closed_its_feed() {
    let rig = Rig::new();
    rig.feed.listen(true);
    rig.ok("createOrder", json!({ "order": order("o1"), "waitMs": 0 }));
    let begun = rig.clock.now_ms();
    let mut running = pin!(rig.engine.run());
    assert!((&mut running).now_or_never().is_none());
    assert_ne!(rig.feed.poll(), "[]");
    rig.engine.stop();
    rig.feed.close();
    drive(&rig.clock, running).unwrap().unwrap();
    assert!(rig.clock.now_ms() - begun <= 10_000, "one call time-out at most");
    let events = drive(&rig.clock, rig.engine.store().claim_events(10)).unwrap().unwrap();
    assert_eq!(events.len(), 1, "the next process tells it");
}
