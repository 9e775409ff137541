//! What GHL answers to a pass, and how a call reads in a test.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    error::{Code, Delivery, DuplicateOf, Error},
    ids::{ContactId, OpportunityId, PipelineId, StageId},
    sync::call::{Answer, Call, Identity, SeenContact, SeenOpportunity, Standard},
};

use super::{
    rig::Rig,
    shop::{PIPELINE, START, name_of, stage},
};

/// What happens while a call is under way.
pub(super) type Meanwhile = Box<dyn FnOnce(&mut Rig)>;

/// One scripted reply; see [`Rig::ghl`].
pub(super) struct Reply {
    /// `None`: as [`Rig::expected`] has it.
    pub(super) outcome: Option<Result<Answer, Error>>,
    /// How long the call waits for a slot before it may leave.
    pub(super) waits_ms: i64,
    /// How long the reply takes.
    pub(super) takes_ms: i64,
    /// No reply came to one try at least.
    pub(super) unanswered: bool,
    /// What happens while the call is on its way.
    pub(super) meanwhile: Option<Meanwhile>,
}

impl Reply {
    fn of(outcome: Option<Result<Answer, Error>>) -> Self {
        let unanswered = matches!(&outcome, Some(Err(error)) if error.delivery() == Delivery::Unknown);
        Self { outcome, waits_ms: 0, takes_ms: 0, unanswered, meanwhile: None }
    }

    pub(super) fn waiting(mut self, ms: i64) -> Self {
        self.waits_ms = ms;
        self
    }

    pub(super) fn taking(mut self, ms: i64) -> Self {
        self.takes_ms = ms;
        self
    }

    pub(super) fn meanwhile(mut self, what: impl FnOnce(&mut Rig) + 'static) -> Self {
        self.meanwhile = Some(Box::new(what));
        self
    }

    /// After a try that nothing came back from.
    pub(super) fn at_second_try(mut self) -> Self {
        self.unanswered = true;
        self
    }
}

/// GHL does as it is told, or shows what it was last known to hold.
pub(super) fn ok() -> Reply {
    Reply::of(None)
}

impl From<SeenContact> for Reply {
    fn from(seen: SeenContact) -> Self {
        Self::of(Some(Ok(Answer::Contact(seen))))
    }
}

impl From<SeenOpportunity> for Reply {
    fn from(seen: SeenOpportunity) -> Self {
        Self::of(Some(Ok(Answer::Opportunity(seen))))
    }
}

impl From<Error> for Reply {
    fn from(error: Error) -> Self {
        Self::of(Some(Err(error)))
    }
}

/// The search finds this contact.
pub(super) fn found(contact: &str) -> Reply {
    Reply::of(Some(Ok(Answer::ContactFound(Some(ContactId::new(contact))))))
}

/// The search finds these opportunities.
pub(super) fn list(found: impl IntoIterator<Item = SeenOpportunity>) -> Reply {
    Reply::of(Some(Ok(Answer::OpportunitiesFound(found.into_iter().collect()))))
}

/// No reply: the request may have arrived.
pub(super) fn lost() -> Reply {
    Error::new(Code::OutcomeUnknown, "no reply").with_delivery(Delivery::Unknown).into()
}

/// Refused by GHL, or by the client's own pacing, with this code.
pub(super) fn refused(code: Code) -> Reply {
    let status = match code {
        Code::NotFound => 404,
        Code::Validation => 422,
        Code::Duplicate | Code::DuplicateOpportunity => 400,
        Code::RateLimited | Code::DailyLimit => 429,
        _ => return Error::new(code, "refused").into(),
    };
    Error::new(code, "refused").with_status(status).into()
}

/// Refused because this contact has the e-mail or the phone.
pub(super) fn duplicate(contact: &str, matching_field: &str) -> Reply {
    let contact = ContactId::new(contact);
    let duplicate = DuplicateOf { contact, matching_field: Some(matching_field.to_owned()) };
    Error::new(Code::Duplicate, "exists").with_status(400).with_duplicate_of(duplicate).into()
}

/// A contact without a name, address, field or tag.
pub(super) fn contact(id: &str) -> SeenContact {
    SeenContact {
        id: ContactId::new(id),
        standard: Standard::default(),
        fields: BTreeMap::new(),
        tags: BTreeSet::new(),
        added_at: Some(START - 1_000_000),
        updated_at: Some(START - 1_000_000),
    }
}

/// The opportunity of order A-1 with contact `con1`, in the stage of this status since `at`.
pub(super) fn opportunity(id: &str, status: &str, at: i64) -> SeenOpportunity {
    SeenOpportunity {
        id: OpportunityId::new(id),
        name: "Order #A-1".to_owned(),
        contact: Some(ContactId::new("con1")),
        pipeline: Some(PipelineId::new(PIPELINE)),
        stage: Some(stage(status)),
        status: Some("open".to_owned()),
        created_at: Some(START),
        stage_changed_at: Some(at),
    }
}

/// A call on one line. Fields whose value a test seldom cares about show their key only.
pub(super) fn line(call: &Call) -> String {
    match call {
        Call::CreateContact { fields, tags } => format!("POST contact {}{}", shown(fields), plus(tags)),
        Call::FindContact(Identity::Email(email)) => format!("FIND email {email}"),
        Call::FindContact(Identity::Phone(phone)) => format!("FIND phone {phone}"),
        Call::GetContact(id) => format!("GET contact {id}"),
        Call::UpdateContact { contact, fields, standard } => {
            format!("PUT contact {contact} {}{}", shown(fields), blanks(standard))
        }
        Call::AddTags { contact, tags } => format!("POST tags {contact}{}", plus(tags)),
        Call::RemoveTags { contact, tags } => format!("DELETE tags {contact} {}", tags.join(" ")),
        Call::CreateOpportunity { contact, stage } => format!("POST opportunity {contact}{}", place(stage)),
        Call::FindOpportunity { contact } => format!("FIND opportunity {contact}"),
        Call::GetOpportunity(id) => format!("GET opportunity {id}"),
        Call::UpdateOpportunity { id, stage, status } => {
            let status = status.map(|status| format!(" status={status}")).unwrap_or_default();
            format!("PUT opportunity {id}{}{status}", place(stage))
        }
    }
}

fn shown(fields: &BTreeMap<String, String>) -> String {
    let field = |(key, value): (&String, &String)| match key.as_str() {
        "last_updated" | "order_total" | "sauna_model" => key.clone(),
        _ => format!("{key}={value}"),
    };
    fields.iter().map(field).collect::<Vec<_>>().join(" ")
}

fn plus(tags: &[String]) -> String {
    tags.iter().map(|tag| format!(" +{tag}")).collect()
}

fn place(stage: &Option<StageId>) -> String {
    stage.as_ref().map(|stage| format!(" stage={}", name_of(stage))).unwrap_or_default()
}

fn blanks(standard: &Standard) -> String {
    let Standard { first_name, last_name, email, phone, address1, city, state, postal_code, country } =
        standard;
    [
        ("first_name", first_name),
        ("last_name", last_name),
        ("email", email),
        ("phone", phone),
        ("address1", address1),
        ("city", city),
        ("state", state),
        ("postal_code", postal_code),
        ("country", country),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!(" {name}:{}", value.as_ref()?)))
    .collect()
}
