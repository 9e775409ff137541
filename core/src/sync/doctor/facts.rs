//! What a location shows of itself.

use std::time::Duration;

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::{
    api::{
        calendars::{self, AppointmentInput, Calendar},
        contacts::{self, ContactInput, ContactSearch},
        custom_fields::{self, CustomFieldDefinition, Model},
        locations::{self, Location},
        opportunities::{self, OpportunityInput},
        pipelines::{self, Pipeline},
    },
    client::{ApiRequest, CallOptions},
    config::{LocationConfig, UNSET},
    error::Code,
    ids::{ContactId, EventId, LocationId, OpportunityId},
    sync::core::Core,
};

/// Of one question, waiting and repetition included.
const PATIENCE: Duration = Duration::from_secs(10);

/// The id of what does not exist.
const NOBODY: &str = "ghlkit-doctor";

/// An answer of GHL's.
#[derive(Debug)]
pub(super) enum Read<T> {
    Seen(T),
    Refused(Code, String),
    /// Something else has to be mended first, or nobody needs it.
    NotAsked,
}

/// What a location shows of itself.
pub(super) struct Facts {
    pub(super) location: Read<Location>,
    pub(super) pipelines: Read<Vec<Pipeline>>,
    pub(super) contact_fields: Read<Vec<CustomFieldDefinition>>,
    pub(super) opportunity_fields: Read<Vec<CustomFieldDefinition>>,
    pub(super) calendars: Read<Vec<Calendar>>,
    pub(super) contacts: Read<IgnoredAny>,
    /// An update of a contact that does not exist.
    pub(super) contact_update: Read<IgnoredAny>,
    /// An update of an opportunity that does not exist.
    pub(super) opportunity_update: Read<IgnoredAny>,
    /// An appointment that does not exist, where there is a calendar.
    pub(super) appointment: Read<IgnoredAny>,
    /// An update of it.
    pub(super) appointment_update: Read<IgnoredAny>,
}

impl Facts {
    /// Asks. Where the first answer concerns all, it is the only one.
    pub(super) async fn read(core: &Core, settings: &LocationConfig) -> Self {
        let id = &settings.id;
        let mut facts = Self::none();
        let unset = settings.token.as_ref().is_some_and(|token| token.expose() == UNSET);
        if unset || id.as_str() == UNSET {
            return facts;
        }
        facts.location = ask(core, id, locations::get(id)).await;
        if let Read::Refused(code, _) = &facts.location
            && concerns_all(*code)
        {
            return facts;
        }
        let search = contacts::search(id, &ContactSearch { page_limit: 1, ..ContactSearch::default() });
        let (contact, opportunity) = (ContactId::new(NOBODY), OpportunityId::new(NOBODY));
        let event = EventId::new(NOBODY);
        let calendars = async {
            if settings.calendar.is_none() {
                return (Read::NotAsked, Read::NotAsked, Read::NotAsked);
            }
            futures::join!(
                ask(core, id, calendars::LIST.of(id, &[])),
                probe(core, id, calendars::get_appointment(&event)),
                probe(core, id, calendars::update_appointment(&event, &AppointmentInput::default())),
            )
        };
        (
            facts.pipelines,
            facts.contact_fields,
            facts.opportunity_fields,
            (facts.calendars, facts.appointment, facts.appointment_update),
            facts.contacts,
            facts.contact_update,
            facts.opportunity_update,
        ) = futures::join!(
            ask(core, id, pipelines::list(id)),
            ask(core, id, custom_fields::list(id, Model::Contact)),
            ask(core, id, custom_fields::list(id, Model::Opportunity)),
            calendars,
            probe(core, id, search),
            probe(core, id, contacts::update(&contact, &ContactInput::default())),
            probe(core, id, opportunities::update(&opportunity, &OpportunityInput::default())),
        );
        facts
    }

    /// Nothing is known.
    pub(super) fn none() -> Self {
        Self {
            location: Read::NotAsked,
            pipelines: Read::NotAsked,
            contact_fields: Read::NotAsked,
            opportunity_fields: Read::NotAsked,
            calendars: Read::NotAsked,
            contacts: Read::NotAsked,
            contact_update: Read::NotAsked,
            opportunity_update: Read::NotAsked,
            appointment: Read::NotAsked,
            appointment_update: Read::NotAsked,
        }
    }
}

/// Whether every other question would be answered the same.
pub(super) fn concerns_all(code: Code) -> bool {
    matches!(
        code,
        Code::Network
            | Code::Timeout
            | Code::Server
            | Code::Config
            | Code::Unauthorized
            | Code::Reauthorize
            | Code::WrongLocation
            | Code::RateLimited
            | Code::DailyLimit
            | Code::RetryBudget
    )
}

const OPTIONS: CallOptions<'static> = CallOptions {
    gate: None,
    timeout: None,
    tries: Some(2),
    max_wait: None,
    deadline: Some(PATIENCE),
    priority: crate::client::Priority::Interactive,
    headers: None,
    leave_unknown: false,
};

async fn ask<T: DeserializeOwned>(core: &Core, id: &LocationId, request: ApiRequest<T>) -> Read<T> {
    read(core.client.call(id, &request, &OPTIONS).await.result)
}

/// Whatever the reply looks like.
async fn probe<T>(core: &Core, id: &LocationId, request: ApiRequest<T>) -> Read<IgnoredAny> {
    read(core.client.call_with(id, &request, &OPTIONS, |json| serde_json::from_str(json)).await.result)
}

fn read<T>(result: crate::error::Result<T>) -> Read<T> {
    match result {
        Ok(seen) => Read::Seen(seen),
        Err(error) => Read::Refused(error.code(), error.message().to_owned()),
    }
}
