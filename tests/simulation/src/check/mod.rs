//! The invariants, checked on a finished run.

use std::collections::{BTreeMap, BTreeSet};

use futures::executor::block_on;
use ghlkit::{
    order::{Status, StatusModel, overall_progress},
    ports::store::*,
};
use mock_ghl::{Ghl, LOCATION_ID, Received};
use serde_json::Value;

use crate::{
    finished::Finished,
    network::lock,
    script::{HumanEdit, is_ours, opportunity_name, stage_name},
    shop::{location, order_id},
};

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Broken invariants; empty is good.
    pub violations: Vec<String>,
    /// Edits that fell between our look and our write.
    pub gaps: usize,
    /// Edits that people made.
    pub edits: usize,
    /// Requests that GHL received.
    pub requests: u64,
    /// What happened, in order of GHL's clock.
    pub trace: Vec<String>,
}

mod edits;

struct Check<'a> {
    run: &'a Finished,
    ghl: &'a Ghl,
    model: StatusModel,
    rows: Vec<(usize, OrderRow)>,
    events: Vec<EventRow>,
    report: Report,
}

/// Checks every invariant.
pub fn check(run: &Finished) -> Report {
    let world = lock(&run.world);
    let rows = (0..run.plan.orders).filter_map(|order| {
        let row = block_on(run.store.order(&location(), &order_id(order))).ok().flatten()?;
        Some((order, row))
    });
    let mut check = Check {
        run,
        ghl: &world.ghl,
        model: StatusModel::default(),
        rows: rows.collect(),
        events: block_on(run.store.events(0, usize::MAX)).unwrap_or_default(),
        report: Report {
            violations: run.violations.clone(),
            edits: world.edits.len(),
            requests: world.sends,
            ..Report::default()
        },
    };
    check.everything_is_at_rest();
    check.ghl_shows_the_orders();
    check.nothing_foreign_was_touched(&world.edits);
    check.nothing_was_created_twice();
    check.transitions_answer_edits(&world.edits);
    check.no_edit_is_missing();
    check.the_shop_is_not_overruled();
    check.pace_and_thrift(world.faulty_sends);
    check.trace(&world.edits);
    check.report
}

impl Check<'_> {
    fn broken(&mut self, text: String) {
        self.report.violations.push(text);
    }

    fn status(&self, row: &OrderRow) -> Status {
        self.model.status(&row.status).unwrap_or_else(|_| self.model.first().clone())
    }

    fn is_open(&self, row: &OrderRow) -> bool {
        !row.detached && self.model.is_open(&self.status(row))
    }

    fn job(&self, row: &OrderRow) -> Option<JobRow> {
        let all = block_on(self.run.store.jobs(JobFilter::default())).ok()?;
        all.into_iter().find(|job| job.order == row.id)
    }

    /// I6: every order is in step, dead or detached; nothing waits.
    fn everything_is_at_rest(&mut self) {
        for (_, row) in self.rows.clone() {
            match self.job(&row) {
                Some(job) if matches!(job.state, JobState::Done | JobState::Skipped | JobState::Dead) => {
                    if job.state == JobState::Dead && self.run.plan.network.refused_but_done == 0.0 {
                        self.broken(format!(
                            "I6: {} is dead: {:?} {:?}",
                            row.id, job.error_code, job.error_message
                        ));
                    }
                    if job.state == JobState::Done && row.pushed_version != row.version {
                        self.broken(format!("I6: {} is done but its version is not pushed", row.id));
                    }
                }
                job => self.broken(format!("I6: {} is not at rest: {job:?}", row.id)),
            }
        }
        if !block_on(self.run.store.pending_inbox(0, 10)).is_ok_and(|pending| pending.is_empty()) {
            self.broken("I6: received events are still pending".to_owned());
        }
    }

    /// I1: stage, fields and tags are those of the orders.
    fn ghl_shows_the_orders(&mut self) {
        let mut by_contact: BTreeMap<String, Vec<OrderRow>> = BTreeMap::new();
        // Nothing can be said of the contact of an order that was given up half-way.
        let mut left_alone = BTreeSet::new();
        for (number, row) in self.rows.clone() {
            let dead = self.job(&row).is_some_and(|job| job.state == JobState::Dead);
            if dead {
                left_alone.extend(row.contact.as_ref().map(|contact| contact.as_str().to_owned()));
                continue;
            }
            let status = self.status(&row);
            if let Some(contact) = &row.contact {
                by_contact.entry(contact.as_str().to_owned()).or_default().push(row.clone());
            }
            let Some(opportunity) = &row.opportunity else {
                if self.is_open(&row) {
                    self.broken(format!("I1: {} is open and has no opportunity", row.id));
                }
                continue;
            };
            let Some(found) = self.ghl.opportunity(opportunity.as_str()) else {
                // A deletion whose event was lost shows at the next push: what a list lacks proves nothing.
                if !row.detached && self.run.plan.delivery.drop == 0.0 {
                    self.broken(format!("I1: the opportunity of {} is gone, but it is not detached", row.id));
                }
                continue;
            };
            if found.name != opportunity_name(number) {
                self.broken(format!("I1: {} has the opportunity {}", row.id, found.name));
            }
            let stage = self.ghl.stage(&found.stage_id).map(|stage| stage.name.clone()).unwrap_or_default();
            if self.model.is_open(&status) && stage != stage_name(status.as_str()) {
                self.broken(format!("I1: {} is {status}, its opportunity in {stage}", row.id));
            }
            // What people make of an opportunity stays theirs.
            let closed = self.run.plan.human.iter().any(|(_, edit)| matches!(edit, HumanEdit::Close { .. }));
            if status.as_str() == "cancelled" && found.status != "lost" && !closed {
                self.broken(format!("I1: {} is cancelled, its opportunity {}", row.id, found.status));
            }
        }
        for (contact, rows) in by_contact.into_iter().filter(|(contact, _)| !left_alone.contains(contact)) {
            self.contact_shows(&contact, &rows);
        }
    }

    fn contact_shows(&mut self, contact: &str, rows: &[OrderRow]) {
        let Some(found) = self.ghl.contact(contact) else { return };
        let wanted: BTreeSet<String> =
            rows.iter().filter(|row| self.is_open(row)).map(|row| format!("status_{}", row.status)).collect();
        let shown: BTreeSet<String> = found.tags.iter().filter(|tag| is_ours(tag)).cloned().collect();
        if wanted != shown {
            self.broken(format!("I1: {contact} should have the tags {wanted:?}, has {shown:?}"));
        }
        let owner = rows.iter().max_by_key(|row| (self.is_open(row), row.commit_seq));
        let Some(owner) = owner.filter(|owner| !owner.detached) else { return };
        let fields = self.ghl.contact_fields(contact);
        let text = |key: &str| match fields.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let status = self.status(owner);
        let mut expected =
            vec![("order_number", owner.number.clone()), ("order_status", owner.status.clone())];
        if self.model.is_open(&status) {
            let progress = overall_progress(&self.model, &status, None, None);
            expected.push(("progress_percentage", progress.to_string()));
        }
        for (key, value) in expected {
            if text(key) != value {
                let broken =
                    format!("I1: {contact}'s {key} should be {value} (of {}), is {}", owner.id, text(key));
                self.broken(broken);
            }
        }
    }

    /// I1: tags and fields that are not ours stay as people left them.
    fn nothing_foreign_was_touched(&mut self, edits: &[(i64, HumanEdit)]) {
        let Some((_, row)) = self.rows.first() else { return };
        let Some(contact) = row.contact.as_ref().and_then(|id| self.ghl.contact(id.as_str())) else { return };
        let mut tags: BTreeSet<&str> = BTreeSet::new();
        if self.run.plan.known_contact {
            tags.extend(["newsletter", "status_vip"]);
        }
        let mut renamed = false;
        for (_, edit) in edits {
            match edit {
                HumanEdit::AddTag(tag) => drop(tags.insert(tag)),
                HumanEdit::RemoveTag(tag) => drop(tags.remove(tag)),
                HumanEdit::Rename => renamed = true,
                _ => {}
            }
        }
        let shown: BTreeSet<&str> =
            contact.tags.iter().map(String::as_str).filter(|tag| !is_ours(tag)).collect();
        let first_name = contact.details.get("firstName").cloned().unwrap_or_default();
        let address = contact.details.get("address1").cloned().unwrap_or_default();
        if shown != tags {
            self.broken(format!("I1: foreign tags should be {tags:?}, are {shown:?}"));
        }
        if renamed && first_name != "Aino-Maija" {
            self.broken(format!("I1: the name people gave was overwritten with {first_name}"));
        }
        if self.run.plan.known_contact && address != "Vanha 1" {
            self.broken(format!("I1: the known contact's address was overwritten with {address}"));
        }
    }

    /// I4: one contact, one opportunity an order, each event once.
    fn nothing_was_created_twice(&mut self) {
        let created = |prefix: &str| {
            self.ghl
                .received()
                .filter(|r| r.method == "POST" && r.path == prefix && (r.status == 201 || r.status == 422))
                .cloned()
                .collect::<Vec<Received>>()
        };
        let contacts = created("/contacts/").iter().filter(|r| r.status == 201).count();
        let live = self.ghl.contacts().count();
        if live > 1 || contacts > 1 {
            self.broken(format!("I4: {live} contacts live, {contacts} creates answered 201"));
        }
        for (number, row) in self.rows.clone() {
            let name = format!("\"{}\"", opportunity_name(number));
            let live = self.ghl.opportunities().filter(|o| o.name == opportunity_name(number)).count();
            let made = created("/opportunities/")
                .iter()
                .filter(|r| r.status == 201 && String::from_utf8_lossy(&r.body).contains(&name))
                .count();
            // One that was deleted before the shop could know of it is made again.
            let deleted = self.world_deleted(number);
            if live > 1 || made > 1 + usize::from(deleted) {
                self.broken(format!("I4: {} has {live} opportunities, {made} creates answered 201", row.id));
            }
        }
        let mut keys = BTreeSet::new();
        for event in self.events.clone() {
            if !keys.insert((event.order.clone(), event.key.clone())) {
                self.broken(format!("I4: the event {} of {} is there twice", event.key, event.order));
            }
        }
    }

    fn world_deleted(&self, number: usize) -> bool {
        let deleted = HumanEdit::Delete { order: number };
        self.run.plan.human.iter().any(|(_, edit)| *edit == deleted)
    }

    fn trace(&mut self, edits: &[(i64, HumanEdit)]) {
        let skew = self.run.plan.skew_ms;
        let mut lines: Vec<(i64, String)> = Vec::new();
        let received = self.ghl.received().map(|r| {
            let body = String::from_utf8_lossy(&r.body);
            let fault = r.fault.map(|fault| format!(" {fault:?}")).unwrap_or_default();
            (r.at, format!("ghl    {} {} {body} -> {}{fault}", r.method, r.path, r.status))
        });
        lines.extend(received);
        lines.extend(edits.iter().map(|(at, edit)| (*at, format!("human  {edit:?}"))));
        lines.extend(self.run.shop.iter().map(|fact| {
            (fact.at + skew, format!("shop   {} {} (noted when it was committed)", fact.order, fact.status))
        }));
        lines.extend(self.run.plan.crashes.iter().map(|(at, worker, down)| {
            let at = crate::sim::START_MS + i64::try_from(*at).unwrap_or(0) + skew;
            (at, format!("crash  worker {worker} for {down} ms"))
        }));
        lines.extend(self.events.iter().map(|event| {
            (event.at + skew, format!("event  {} {} {}", event.order, event.key, event.payload))
        }));
        lines.sort_by_key(|(at, _)| *at);
        self.report.trace = lines.into_iter().map(|(at, text)| format!("{at} {text}")).collect();
    }

    /// I5: never more than the limit in any 10 s. I7: writes are few, and a second reconciliation is idle.
    fn pace_and_thrift(&mut self, faulty: u64) {
        let most = self.ghl.max_in_window();
        if most > 100 {
            self.broken(format!("I5: {most} requests in 10 s"));
        }
        let (before, after) = (self.run.before_second, self.run.after_second);
        if before != after {
            self.broken(format!(
                "I7: a second reconciliation went from {before:?} to {after:?} (writes, changes)"
            ));
        }
        let genuine = self.report.edits + self.run.shop.len() + self.run.plan.orders;
        let retries = usize::try_from(faulty + self.run.interruptions).unwrap_or(usize::MAX / 8);
        let most = 4 * (genuine + retries);
        if before.0 > most {
            self.broken(format!("I7: {} writes for {genuine} changes and {retries} troubles", before.0));
        }
        if self.ghl.locations().all(|l| l.settings.id != LOCATION_ID) {
            self.broken("the model lost its location".to_owned());
        }
    }
}
