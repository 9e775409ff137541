//! A pass without I/O: the rows of one order, a scripted GHL, and a driver that does what `run` does.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use crate::{
    client::{CallMeta, SendGate},
    ids::{ContactId, JobId, OpportunityId, StageId},
    policy::server_clock::Offset,
    ports::store::{
        Change, Finish, JobRow, Lease, NewEvent, ObjectKind, ObjectRow, OrderRow, PassRows, Side,
    },
    sync::{
        call::{Answer, Call, SeenContact, SeenOpportunity, Standard},
        context::Context,
        gate::LeaseGate,
        pass::{Now, Pass, Step},
        state::{KnownContact, KnownOpportunity},
    },
};

use super::{
    script::{Reply, contact, line, ok, opportunity},
    shop::{HOUR, LEASE_MS, START, context_without, order_row},
};

/// One order, what is stored about it, and what GHL will answer.
pub(super) struct Rig {
    pub(super) context: Context,
    pub(super) order: OrderRow,
    /// Other orders; those with the same lease key are read with this one.
    pub(super) others: Vec<OrderRow>,
    pub(super) objects: BTreeMap<(ObjectKind, String), ObjectRow>,
    pub(super) job: JobRow,
    pub(super) now: i64,
    pub(super) offset: Offset,
    pub(super) lease_ms: i64,
    /// Everything told so far.
    pub(super) events: Vec<NewEvent>,
    seq: i64,
    script: VecDeque<(String, Reply)>,
}

/// What a pass did.
pub(super) struct Run {
    /// The calls that left.
    pub(super) calls: Vec<String>,
    /// The rows as they were stored when each of them left.
    pub(super) stored: Vec<Stored>,
    /// How it ended.
    pub(super) finish: Finish,
    /// The kinds of event it told.
    pub(super) told: Vec<String>,
}

/// What is on the disk, should the process die now.
pub(super) struct Stored {
    pub(super) at: i64,
    pub(super) order: OrderRow,
    pub(super) opportunity: KnownOpportunity,
    pub(super) contact: KnownContact,
}

impl Rig {
    /// An order A-1 that the shop has just created.
    pub(super) fn new(status: &str) -> Self {
        Self::of(context_without(&[]), order_row("A-1", status, 1))
    }

    pub(super) fn of(context: Context, order: OrderRow) -> Self {
        let job = JobRow::new(JobId::new("1"), &order, START);
        Self {
            context,
            order,
            others: Vec::new(),
            objects: BTreeMap::new(),
            job,
            now: START,
            offset: Offset { ms: 0, error_ms: 500 },
            lease_ms: LEASE_MS,
            events: Vec::new(),
            seq: 1,
            script: VecDeque::new(),
        }
    }

    /// Order A-1 in step with contact `con1` and opportunity `opp1`, an hour after it was created.
    pub(super) fn synced(status: &str) -> Self {
        Self::new(status).in_step()
    }

    pub(super) fn in_step(mut self) -> Self {
        assert_eq!(self.pass().finish, Finish::Done);
        self.now += HOUR;
        self.events.clear();
        self
    }

    /// What GHL answers to the next call whose line begins like this; to all others, what is expected.
    pub(super) fn ghl(&mut self, call: &str, reply: impl Into<Reply>) -> &mut Self {
        self.script.push_back((call.to_owned(), reply.into()));
        self
    }

    /// The shop changes the status, now.
    pub(super) fn shop_sets(&mut self, status: &str) -> &mut Self {
        self.seq += 1;
        self.order.change_status(status.to_owned(), self.now, Side::Shop, self.seq);
        self.job.renew();
        self.job.want(self.now);
        self
    }

    /// An event hints that GHL may differ.
    pub(super) fn hint(&mut self, contact: bool) -> &mut Self {
        self.order.hint(&mut self.job, contact, self.now);
        self
    }

    /// Time passes.
    pub(super) fn later(&mut self, ms: i64) -> &mut Self {
        self.now += ms;
        self
    }

    /// Another open order of the customer, in step with the same contact.
    pub(super) fn add_order(&mut self, number: &str, status: &str) -> &mut OrderRow {
        self.seq += 1;
        let mut row = order_row(number, status, self.seq);
        row.contact.clone_from(&self.order.contact);
        row.lease_key.clone_from(&self.order.lease_key);
        self.others.push(row);
        self.others.last_mut().unwrap()
    }

    pub(super) fn opportunity(&self) -> KnownOpportunity {
        let id = self.order.opportunity.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
        KnownOpportunity::read(self.objects.get(&(ObjectKind::Opportunity, id))).unwrap()
    }

    pub(super) fn contact(&self) -> KnownContact {
        let id = self.order.contact.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
        KnownContact::read(self.objects.get(&(ObjectKind::Contact, id))).unwrap()
    }

    /// The payloads of the events of a kind.
    pub(super) fn told(&self, kind: &str) -> Vec<&str> {
        self.events.iter().filter(|event| event.kind == kind).map(|event| event.payload.as_str()).collect()
    }

    fn now(&self) -> Now {
        Now { local: self.now, offset: self.offset }
    }

    fn rows(&self) -> PassRows {
        let object =
            |kind, id: Option<&str>| id.and_then(|id| self.objects.get(&(kind, id.to_owned())).cloned());
        let mut siblings: Vec<OrderRow> =
            self.others.iter().filter(|other| other.lease_key == self.order.lease_key).cloned().collect();
        siblings.sort_by_key(|sibling| sibling.commit_seq);
        PassRows {
            siblings,
            opportunity: object(ObjectKind::Opportunity, self.order.opportunity.as_ref().map(AsRef::as_ref)),
            contact: object(ObjectKind::Contact, self.order.contact.as_ref().map(AsRef::as_ref)),
            order: self.order.clone(),
        }
    }

    /// Leases the job, which must be due, and does one pass.
    pub(super) fn pass(&mut self) -> Run {
        let run = self.run();
        assert!(self.script.is_empty(), "not called: {:?}; called: {:?}", self.waiting_for(), run.calls);
        run
    }

    fn waiting_for(&self) -> Vec<&String> {
        self.script.iter().map(|(call, _)| call).collect()
    }

    /// Leases the job, which must be due, and reads the rows.
    pub(super) fn begin(&mut self) -> Pass {
        assert!(self.job.is_due(self.now), "due at {} of {}", self.job.due_at - START, self.now - START);
        self.job.begin_lease(&Lease {
            worker: "worker".to_owned(),
            token: format!("token {}", self.job.wanted),
            now: self.now,
            until: self.now + self.lease_ms,
            max: 1,
            only: None,
        });
        Pass::new(Arc::new(self.context.clone()), self.job.clone(), self.rows()).unwrap()
    }

    fn run(&mut self) -> Run {
        let told = self.events.len();
        let mut pass = self.begin();
        let (mut calls, mut stored, mut version) = (Vec::new(), Vec::new(), self.order.version);
        let finish = loop {
            assert!(calls.len() < 20, "round in circles: {calls:?}");
            let step = match pass.next(self.now()).unwrap() {
                Step::Call { call, leave_by } => {
                    self.call(&mut pass, &call, leave_by, &mut calls, &mut stored)
                }
                Step::Adopt(contact) => {
                    let row = self.objects.get(&(ObjectKind::Contact, contact.as_str().to_owned()));
                    pass.adopt(contact, row).unwrap();
                    None
                }
                Step::Reload => {
                    version = self.order.version;
                    pass.reload(self.rows()).unwrap();
                    None
                }
                step => Some(step),
            };
            let (changes, decision) = match step {
                None => continue,
                Some(Step::Commit { changes, decision } | Step::Finish { changes, decision }) => {
                    (changes, decision)
                }
                Some(step) => panic!("{step:?}"),
            };
            let changes = if decision && version != self.order.version {
                pass.yield_to_newer(changes, self.now)
            } else {
                changes
            };
            if let Some(finish) = self.apply(changes) {
                break finish;
            }
            pass.replied = false;
            if decision {
                version = self.order.version;
            }
        };
        let told = self.events[told..].iter().map(|event| event.kind.clone()).collect();
        Run { calls, stored, finish, told }
    }

    fn call(
        &mut self,
        pass: &mut Pass,
        call: &Call,
        leave_by: Option<i64>,
        calls: &mut Vec<String>,
        stored: &mut Vec<Stored>,
    ) -> Option<Step> {
        let line = line(call);
        let scripted = self.script.iter().position(|(begins, _)| line.starts_with(begins.as_str()));
        let reply = scripted.and_then(|i| self.script.remove(i)).map_or_else(ok, |(_, reply)| reply);
        self.now += reply.waits_ms;
        let running = AtomicBool::new(false);
        let gate = LeaseGate::new(pass.lease_until, leave_by, &running);
        let timeout = Duration::from_millis(self.context.timing.call_timeout.unsigned_abs());
        let sent_at = self.now;
        if let Err(error) = gate.check(sent_at, timeout) {
            return pass.failed(call, &error, gate.refusal(), &CallMeta::default(), self.now()).unwrap();
        }
        calls.push(line);
        stored.push(Stored {
            at: self.now,
            order: self.order.clone(),
            opportunity: self.opportunity(),
            contact: self.contact(),
        });
        let answer = reply.outcome.unwrap_or_else(|| Ok(self.expected(call)));
        self.now += reply.takes_ms;
        if let Some(meanwhile) = reply.meanwhile {
            meanwhile(self);
        }
        let meta = CallMeta {
            tries: 1,
            unanswered: u32::from(reply.unanswered),
            first_sent_at: Some(sent_at),
            last_sent_at: Some(sent_at),
            last_unanswered_at: reply.unanswered.then_some(sent_at),
            server_time: None,
        };
        match answer {
            Ok(answer) => {
                pass.answered(call, answer, &meta, self.now()).unwrap();
                None
            }
            Err(error) => pass.failed(call, &error, None, &meta, self.now()).unwrap(),
        }
    }

    /// GHL does what it is told, and holds what it was last known to hold; it knows nobody else.
    fn expected(&self, call: &Call) -> Answer {
        let at = self.now().ghl();
        let here = |stage: &Option<StageId>, status: Option<&str>| {
            let base = self.opportunity();
            let seen = opportunity("opp1", "order_placed", if stage.is_some() { at } else { base.base_at });
            Answer::Opportunity(SeenOpportunity {
                id: self.order.opportunity.clone().unwrap_or(OpportunityId::new("opp1")),
                name: format!("Order #{}", self.order.number),
                contact: self.order.contact.clone(),
                stage: stage.clone().or(base.base.stage),
                status: status.map(str::to_owned).or(base.base.status).or(seen.status.clone()),
                ..seen
            })
        };
        match call {
            Call::CreateContact { fields, tags } => Answer::Contact(SeenContact {
                fields: fields.clone(),
                tags: tags.iter().cloned().collect(),
                added_at: Some(at),
                updated_at: Some(at),
                ..contact("con1")
            }),
            Call::GetContact(id) => Answer::Contact(self.known_contact(id)),
            Call::UpdateContact { contact: id, .. } => {
                Answer::Contact(SeenContact { updated_at: Some(at), ..contact(id.as_str()) })
            }
            Call::AddTags { .. } | Call::RemoveTags { .. } => Answer::Done,
            Call::FindContact(_) => Answer::ContactFound(None),
            Call::FindOpportunity { .. } => Answer::OpportunitiesFound(Vec::new()),
            Call::CreateOpportunity { stage, .. } => here(stage, None),
            Call::GetOpportunity(_) => here(&None, None),
            Call::UpdateOpportunity { stage, status, .. } => here(stage, *status),
        }
    }

    /// A contact as it was last known, with every field that the customer has filled in.
    pub(super) fn known_contact(&self, id: &ContactId) -> SeenContact {
        let known = KnownContact::read(self.objects.get(&(ObjectKind::Contact, id.to_string()))).unwrap();
        let order = crate::sync::desired::snapshot(&self.order).unwrap();
        SeenContact {
            standard: Standard::of(&order),
            fields: known.base.fields,
            tags: known.base.tags,
            ..contact(id.as_str())
        }
    }

    fn apply(&mut self, changes: Vec<Change>) -> Option<Finish> {
        for change in changes {
            let old_key = self.order.lease_key.clone();
            self.order.apply(&change);
            match change {
                Change::SetContact { lease_key, .. } => {
                    self.job.lease_key.clone_from(&lease_key);
                    for other in self.others.iter_mut().filter(|other| other.lease_key == old_key) {
                        other.lease_key.clone_from(&lease_key);
                    }
                }
                Change::PutObject(mut row) => {
                    let known = self.objects.get(&(row.kind, row.id.clone()));
                    row.base_at = row.base_at.max(known.map_or(0, |known| known.base_at));
                    self.objects.insert((row.kind, row.id.clone()), row);
                }
                Change::SetStatus { status, at, by } => {
                    self.seq += 1;
                    self.order.change_status(status, at, by, self.seq);
                }
                Change::Event(event) if self.events.iter().all(|known| known.key != event.key) => {
                    self.events.push(event);
                }
                Change::Finish(finish) => {
                    self.job.finish(&finish, self.now);
                    return Some(finish);
                }
                _ => {}
            }
        }
        None
    }
}
