//! Locations (sub-accounts) and what belongs to each.

use serde_json::{Value, json};

use crate::auth::Access;
use crate::calendars::{Calendar, installation_calendar};
use crate::custom_fields::{CustomField, order_fields};
use crate::http::{Answer, Handled};
use crate::ids::Rng;
use crate::model::Ghl;
use crate::pipelines::Pipeline;
use crate::routes::{Call, Route};
use crate::settings::LocationSettings;
use crate::tags::Tag;
use crate::users::{User, staff};

/// One sub-account with everything that is not a contact or an opportunity.
pub struct Location {
    /// How it was set up.
    pub settings: LocationSettings,
    /// Its pipelines; the first is the order pipeline.
    pub pipelines: Vec<Pipeline>,
    /// Its custom fields.
    pub fields: Vec<CustomField>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its users.
    pub users: Vec<User>,
    /// Its calendars; the first is the installation calendar.
    pub calendars: Vec<Calendar>,
}

pub(crate) const ROUTES: &[Route] = &[Route {
    method: "GET",
    pattern: "/locations/{locationId}",
    access: Access::Either,
    scope: "locations.readonly",
    handler: get,
}];

impl Location {
    pub(crate) fn new(settings: LocationSettings, rng: &mut Rng) -> Self {
        let pipelines = vec![Pipeline::new(rng, &settings.pipeline_name, &settings.stages)];
        let users = staff(rng);
        Self {
            pipelines,
            fields: if settings.order_fields { order_fields(rng) } else { Vec::new() },
            tags: Vec::new(),
            calendars: vec![installation_calendar(rng, &users)],
            users,
            settings,
        }
    }

    fn to_json(&self, company_id: &str) -> Value {
        let settings = &self.settings;
        json!({
            "id": settings.id,
            "companyId": company_id,
            "name": settings.name,
            "address": "1 Harbour Street",
            "city": "Helsinki",
            "country": "FI",
            "timezone": settings.timezone,
            "settings": {
                "allowDuplicateContact": settings.allow_duplicate_contact,
                "allowDuplicateOpportunity": settings.allow_duplicate_opportunity,
                "allowFacebookNameMerge": false,
                "disableContactTimezone": false,
            },
        })
    }
}

fn get(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    call.require_location(call.path(0))?;
    let location = ghl.location(call.path(0))?.to_json(&ghl.settings.company_id);
    Ok(Answer::ok(json!({ "location": location })))
}
