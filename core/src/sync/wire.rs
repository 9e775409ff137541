//! From the engine's calls to GHL's requests, and from its replies to what a pass looks at.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::{
    api::{
        CustomFieldInput, ExactNumber, FieldValue,
        contacts::{self, Contact, ContactInput},
        opportunities::{
            self, NewOpportunity, Opportunity, OpportunityInput, OpportunitySearch, OpportunityStatus,
        },
    },
    client::{ApiRequest, CallMeta, CallOptions, Client},
    error::Result,
    ids::{ContactId, LocationId, PipelineId, StageId},
    order::format_address,
};

use super::{
    call::{Answer, Call, Identity, SeenContact, SeenOpportunity, Standard},
    context::{Context, Field, FieldMap, value_text},
    desired::field,
    pass::Pass,
};

/// How many opportunities of one contact are looked through for an order's.
const SEARCH_LIMIT: u32 = 100;

/// Makes a call and reads its answer.
pub(crate) async fn perform(
    client: &Client,
    pass: &Pass,
    call: &Call,
    options: &CallOptions<'_>,
) -> (Result<Answer>, CallMeta) {
    let context = &*pass.context;
    let to = Wire { client, location: &context.location, options };
    let contact = |contact: Contact| Ok(Answer::Contact(seen_contact(context, contact)));
    let opportunity = |opportunity: Opportunity| Ok(Answer::Opportunity(seen_opportunity(opportunity)));
    match call {
        Call::CreateContact { fields, tags } => {
            match contact_input(context, fields, &Standard::of(&pass.data)) {
                Ok(input) => to.send(&contacts::create(&context.location, &input, tags), contact).await,
                Err(error) => (Err(error), CallMeta::default()),
            }
        }
        Call::FindContact(by) => {
            let (email, phone) = match by {
                Identity::Email(email) => (Some(email.as_str()), None),
                Identity::Phone(phone) => (None, Some(phone.as_str())),
            };
            let request = contacts::find_duplicate(&context.location, email, phone);
            to.send(&request, |found| Ok(Answer::ContactFound(found.contact.map(|contact| contact.id)))).await
        }
        Call::GetContact(id) => to.send(&contacts::get(id), contact).await,
        Call::UpdateContact { contact: id, fields, standard } => {
            match contact_input(context, fields, standard) {
                Ok(input) => to.send(&contacts::update(id, &input), contact).await,
                Err(error) => (Err(error), CallMeta::default()),
            }
        }
        Call::AddTags { contact, tags } => {
            to.send(&contacts::add_tags(contact, tags), |_| Ok(Answer::Done)).await
        }
        Call::RemoveTags { contact, tags } => {
            to.send(&contacts::remove_tags(contact, tags), |_| Ok(Answer::Done)).await
        }
        Call::CreateOpportunity { contact, stage } => match new_opportunity(pass, contact, stage.as_ref()) {
            Ok(new) => to.send(&opportunities::create(&context.location, &new), opportunity).await,
            Err(error) => (Err(error), CallMeta::default()),
        },
        Call::FindOpportunity { contact } => {
            let search = OpportunitySearch {
                pipeline_id: Some(context.pipeline.clone()),
                contact_id: Some(contact.clone()),
                limit: SEARCH_LIMIT,
                ..OpportunitySearch::default()
            };
            let request = opportunities::search(&context.location, &search);
            to.send(&request, |page| {
                Ok(Answer::OpportunitiesFound(page.opportunities.into_iter().map(seen_opportunity).collect()))
            })
            .await
        }
        Call::GetOpportunity(id) => to.send(&opportunities::get(id), opportunity).await,
        Call::UpdateOpportunity { id, stage, status } => {
            let input =
                opportunity_input(stage.clone().map(|stage| (context.pipeline.clone(), stage)), *status);
            to.send(&opportunities::update(id, &input), opportunity).await
        }
    }
}

struct Wire<'a> {
    client: &'a Client,
    location: &'a LocationId,
    options: &'a CallOptions<'a>,
}

impl Wire<'_> {
    async fn send<T: DeserializeOwned>(
        &self,
        request: &ApiRequest<T>,
        read: impl FnOnce(T) -> Result<Answer>,
    ) -> (Result<Answer>, CallMeta) {
        let call = self.client.call(self.location, request, self.options).await;
        (call.result.and_then(read), call.meta)
    }
}

fn contact_input(
    context: &Context,
    fields: &BTreeMap<String, String>,
    standard: &Standard,
) -> Result<ContactInput> {
    Ok(ContactInput {
        first_name: standard.first_name.clone(),
        last_name: standard.last_name.clone(),
        email: standard.email.clone(),
        phone: standard.phone.clone(),
        address1: standard.address1.clone(),
        city: standard.city.clone(),
        state: standard.state.clone(),
        postal_code: standard.postal_code.clone(),
        country: standard.country.clone(),
        custom_fields: contact_fields(&context.fields, fields)?,
        ..ContactInput::default()
    })
}

/// The contact's fields with their ids; those the location lacks are left out.
pub(crate) fn contact_fields(
    fields: &FieldMap,
    values: &BTreeMap<String, String>,
) -> Result<Vec<CustomFieldInput>> {
    let known = values.iter().filter_map(|(key, value)| Some((key, fields.contact(key)?, value)));
    known.map(|(key, field, value)| written(key, field, value)).collect()
}

/// What moves an opportunity to a stage of a pipeline and sets its status.
pub(crate) fn opportunity_input(
    place: Option<(PipelineId, StageId)>,
    status: Option<&str>,
) -> OpportunityInput {
    let (pipeline_id, stage_id) = place.unzip();
    OpportunityInput {
        pipeline_id,
        stage_id,
        status: status.and_then(opportunity_status),
        ..OpportunityInput::default()
    }
}

fn new_opportunity(pass: &Pass, contact: &ContactId, stage: Option<&StageId>) -> Result<NewOpportunity> {
    let order = &pass.data;
    let address = format_address(&order.shipping_address);
    let values = [
        (field::STRIPE_PAYMENT_ID, order.stripe_payment_id.as_deref()),
        (field::DELIVERY_ADDRESS, Some(address.as_str())),
    ];
    let known = values
        .into_iter()
        .filter_map(|(key, value)| Some((key, pass.context.fields.opportunity(key)?, value?)));
    Ok(NewOpportunity {
        pipeline_id: pass.context.pipeline.clone(),
        stage_id: stage.cloned(),
        name: order.opportunity_name(),
        status: OpportunityStatus::Open,
        contact_id: contact.clone(),
        monetary_value: Some(ExactNumber::parse("total", &order.total.to_json_number())?),
        assigned_to: None,
        custom_fields: known.map(|(key, field, value)| written(key, field, value)).collect::<Result<_>>()?,
    })
}

fn written(key: &str, field: &Field, value: &str) -> Result<CustomFieldInput> {
    let value: FieldValue = if field.numeric { ExactNumber::parse(key, value)?.into() } else { value.into() };
    Ok(CustomFieldInput { id: Some(field.id.clone()), key: Some(key.to_owned()), name: None, value })
}

fn opportunity_status(text: &str) -> Option<OpportunityStatus> {
    use OpportunityStatus::{Abandoned, Lost, Open, Won};
    [Open, Won, Lost, Abandoned].into_iter().find(|status| status.as_str() == text)
}

/// A contact, as far as the engine looks at it.
pub(crate) fn seen_contact(context: &Context, contact: Contact) -> SeenContact {
    let fields = contact.custom_fields.iter().filter_map(|value| {
        let key = context.fields.contact_key(value.id.as_str())?;
        let text = value_text(context.fields.contact(key)?, &value.value);
        (!text.is_empty()).then(|| (key.to_owned(), text))
    });
    SeenContact {
        fields: fields.collect(),
        id: contact.id,
        tags: contact.tags.into_iter().collect(),
        added_at: contact.date_added_ms,
        updated_at: contact.date_updated_ms,
        standard: Standard {
            first_name: contact.first_name,
            last_name: contact.last_name,
            email: contact.email,
            phone: contact.phone,
            address1: contact.address1,
            city: contact.city,
            state: contact.state,
            postal_code: contact.postal_code,
            country: contact.country,
        },
    }
}

/// An opportunity, as far as the engine looks at it.
pub(crate) fn seen_opportunity(opportunity: Opportunity) -> SeenOpportunity {
    SeenOpportunity {
        id: opportunity.id,
        name: opportunity.name.unwrap_or_default(),
        contact: opportunity.contact_id,
        pipeline: opportunity.pipeline_id,
        stage: opportunity.stage_id,
        status: opportunity.status.map(|status| status.as_str().to_owned()),
        created_at: opportunity.created_at_ms,
        stage_changed_at: opportunity.last_stage_change_at_ms,
    }
}
