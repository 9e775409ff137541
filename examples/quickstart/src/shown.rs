//! What GHL shows of an order: read out of the stand-in's state, or asked of the real GHL.

use std::collections::BTreeMap;

use ghlkit::{
    Error, Result,
    api::{CustomField, custom_fields::Model},
    ids::LocationId,
    order::{PipelineStage, StageMap},
    ports::store::OrderRow,
    sync::Engine,
};
use mock_ghl::{Ghl, Stage};
use serde_json::Value;

use crate::compare::{OTHER_TAGS, STAGE, STATUS_TAGS, Values};

/// The stage's name, which people chose: for the table, not compared.
pub(crate) const STAGE_NAME: &str = "opportunity.stageName";

/// What the stand-in holds, without a call to it.
pub(crate) fn in_stand_in(ghl: &Ghl, row: &OrderRow) -> Values {
    let mut values = Values::new();
    if let Some(contact) = row.contact.as_ref().and_then(|id| ghl.contact(id.as_str())) {
        put_all(&mut values, "contact", &contact.details);
        put_all(&mut values, "contact", &ghl.contact_fields(&contact.id));
        put_tags(&mut values, &contact.tags);
        values.insert("contact.id".to_owned(), contact.id.clone());
    }
    if let Some(opportunity) = row.opportunity.as_ref().and_then(|id| ghl.opportunity(id.as_str())) {
        put_all(&mut values, "opportunity", &ghl.opportunity_fields(&opportunity.id));
        let stage = ghl.stage(&opportunity.stage_id);
        let own = [
            ("opportunity.id", opportunity.id.clone()),
            ("opportunity.contactId", opportunity.contact_id.clone()),
            ("opportunity.name", opportunity.name.clone()),
            ("opportunity.status", opportunity.status.clone()),
            ("opportunity.monetaryValue", opportunity.monetary_value.to_string()),
            (STAGE, stage.map(Stage::key).unwrap_or_default()),
            (STAGE_NAME, stage.map(|stage| stage.name.clone()).unwrap_or_default()),
        ];
        values.extend(own.map(|(name, value)| (name.to_owned(), value)));
    }
    values
}

/// Reads orders back from GHL, by id.
pub(crate) struct Reader<'a> {
    engine: &'a Engine,
    location: LocationId,
    /// Which stage stands for which status.
    pub(crate) stages: StageMap,
    /// Names of custom fields by their ids, e.g. `contact.order_status`.
    fields: BTreeMap<String, String>,
}

impl<'a> Reader<'a> {
    /// Asks GHL for its stages and fields: three calls.
    pub(crate) async fn new(engine: &'a Engine) -> Result<Self> {
        let settings = engine.config().location(None)?;
        let (client, location) = (engine.client(), settings.id.clone());
        let pipelines = client.pipelines(&location).list().await?;
        let pipeline = pipelines.into_iter().find(|pipeline| pipeline.id == settings.pipeline);
        let pipeline = pipeline
            .ok_or_else(|| Error::config("GHL_ORDERS_PIPELINE_ID", "the location has no such pipeline"))?;
        let stages = pipeline.stages.into_iter();
        let stages: Vec<PipelineStage> = stages
            .map(|stage| PipelineStage { id: stage.id, name: stage.name.unwrap_or_default() })
            .collect();
        let stages = StageMap::resolve(&engine.config().model, &stages, &settings.stages)?;
        let mut fields = BTreeMap::new();
        for model in [Model::Contact, Model::Opportunity] {
            for field in client.custom_fields(&location).list(model).await? {
                if let Some(key) = field.key() {
                    fields.insert(field.id.to_string(), format!("{}.{key}", model.as_str()));
                }
            }
        }
        Ok(Self { engine, location, stages, fields })
    }

    /// Asks GHL for the order's contact and opportunity: two calls.
    pub(crate) async fn read(&self, row: &OrderRow) -> Result<Values> {
        let (client, mut values) = (self.engine.client(), Values::new());
        if let Some(id) = &row.contact {
            let contact = client.contacts(&self.location).get(id).await?;
            self.put_fields(&mut values, &contact.custom_fields);
            put_tags(&mut values, &contact.tags);
            let own = [
                ("contact.id", Some(contact.id.to_string())),
                ("contact.firstName", contact.first_name),
                ("contact.lastName", contact.last_name),
                ("contact.email", contact.email),
                ("contact.phone", contact.phone),
                ("contact.address1", contact.address1),
                ("contact.city", contact.city),
                ("contact.state", contact.state),
                ("contact.postalCode", contact.postal_code),
                ("contact.country", contact.country),
            ];
            put_own(&mut values, own);
        }
        if let Some(id) = &row.opportunity {
            let opportunity = client.opportunities(&self.location).get(id).await?;
            self.put_fields(&mut values, &opportunity.custom_fields);
            let stage = opportunity.stage_id.as_ref();
            let status = stage.and_then(|stage| self.stages.status_of(stage));
            let key = status.and_then(|status| self.engine.config().model.stage_key(status));
            let name = stage.and_then(|stage| self.stages.name_of(stage));
            let own = [
                ("opportunity.id", Some(opportunity.id.to_string())),
                ("opportunity.contactId", opportunity.contact_id.map(|id| id.to_string())),
                ("opportunity.name", opportunity.name),
                ("opportunity.status", opportunity.status.map(|status| status.as_str().to_owned())),
                ("opportunity.monetaryValue", opportunity.monetary_value.map(|value| value.to_string())),
                (STAGE, key.map(str::to_owned)),
                (STAGE_NAME, name.map(str::to_owned)),
            ];
            put_own(&mut values, own);
        }
        Ok(values)
    }

    fn put_fields(&self, values: &mut Values, found: &[CustomField]) {
        values.extend(found.iter().filter_map(|field| {
            let name = self.fields.get(field.id.as_str())?;
            let value = serde_json::to_value(&field.value).ok()?;
            Some((name.clone(), text(&value)))
        }));
    }
}

fn put_own<const N: usize>(values: &mut Values, own: [(&str, Option<String>); N]) {
    values.extend(own.map(|(name, value)| (name.to_owned(), value.unwrap_or_default())));
}

fn put_all(values: &mut Values, of: &str, found: &BTreeMap<String, Value>) {
    values.extend(found.iter().map(|(name, value)| (format!("{of}.{name}"), text(value))));
}

fn put_tags(values: &mut Values, tags: &[String]) {
    let mut tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    tags.sort_unstable();
    let (own, other): (Vec<&str>, Vec<&str>) = tags.into_iter().partition(|tag| tag.starts_with("status_"));
    values.insert(STATUS_TAGS.to_owned(), own.join(", "));
    values.insert(OTHER_TAGS.to_owned(), other.join(", "));
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
