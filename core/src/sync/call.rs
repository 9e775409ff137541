//! The calls a pass can make, and what it takes from their replies.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    ids::{ContactId, OpportunityId, PipelineId, StageId},
    order::Order,
};

/// By what a contact is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    Email(String),
    Phone(String),
}

/// A call to GHL, named after what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Call {
    CreateContact { fields: BTreeMap<String, String>, tags: Vec<String> },
    FindContact(Identity),
    GetContact(ContactId),
    UpdateContact { contact: ContactId, fields: BTreeMap<String, String>, standard: Standard },
    AddTags { contact: ContactId, tags: Vec<String> },
    RemoveTags { contact: ContactId, tags: Vec<String> },
    CreateOpportunity { contact: ContactId, stage: Option<StageId> },
    FindOpportunity { contact: ContactId },
    GetOpportunity(OpportunityId),
    UpdateOpportunity { id: OpportunityId, stage: Option<StageId>, status: Option<&'static str> },
}

impl Call {
    /// A short name for the sync log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Call::CreateContact { .. } => "create_contact",
            Call::FindContact(_) => "find_contact",
            Call::GetContact(_) => "get_contact",
            Call::UpdateContact { .. } => "update_contact",
            Call::AddTags { .. } => "add_tags",
            Call::RemoveTags { .. } => "remove_tags",
            Call::CreateOpportunity { .. } => "create_opportunity",
            Call::FindOpportunity { .. } => "find_opportunity",
            Call::GetOpportunity(_) => "get_opportunity",
            Call::UpdateOpportunity { .. } => "update_opportunity",
        }
    }

    /// Whether it changes anything in GHL.
    pub(crate) fn writes(&self) -> bool {
        !matches!(
            self,
            Call::FindContact(_)
                | Call::GetContact(_)
                | Call::FindOpportunity { .. }
                | Call::GetOpportunity(_)
        )
    }
}

/// The fields every contact has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standard {
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) address1: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) postal_code: Option<String>,
    pub(crate) country: Option<String>,
}

impl Standard {
    /// What the order says of its customer.
    pub(crate) fn of(order: &Order) -> Self {
        let address = &order.shipping_address;
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let lines = [Some(address.line1.as_str()), address.line2.as_deref()];
        Self {
            first_name: text(&order.customer.first_name),
            last_name: text(&order.customer.last_name),
            email: order.customer.email.clone(),
            phone: order.customer.phone.clone(),
            address1: text(&lines.into_iter().flatten().collect::<Vec<_>>().join(", ")),
            city: text(&address.city),
            state: address.region.clone(),
            postal_code: text(&address.postal_code),
            country: text(&address.country),
        }
    }

    /// The values of `self` for the fields that are blank in `present`. The address counts as one field,
    /// so that a street is never completed with another house's town.
    pub(crate) fn blanks_of(&self, present: &Standard) -> Standard {
        let blank = |ours: &Option<String>, theirs: &Option<String>| match theirs.as_deref() {
            None | Some("") => ours.clone(),
            Some(_) => None,
        };
        let has_address = [&present.address1, &present.city, &present.state, &present.postal_code]
            .iter()
            .any(|part| part.as_deref().is_some_and(|text| !text.is_empty()));
        let address = |ours: &Option<String>| if has_address { None } else { ours.clone() };
        Standard {
            first_name: blank(&self.first_name, &present.first_name),
            last_name: blank(&self.last_name, &present.last_name),
            email: blank(&self.email, &present.email),
            phone: blank(&self.phone, &present.phone),
            address1: address(&self.address1),
            city: address(&self.city),
            state: address(&self.state),
            postal_code: address(&self.postal_code),
            country: if has_address { None } else { blank(&self.country, &present.country) },
        }
    }

    /// The values of `self` that differ from `present`.
    pub(crate) fn differing_from(&self, present: &Standard) -> Standard {
        let differing =
            |ours: &Option<String>, theirs: &Option<String>| ours.clone().filter(|_| ours != theirs);
        Standard {
            first_name: differing(&self.first_name, &present.first_name),
            last_name: differing(&self.last_name, &present.last_name),
            email: differing(&self.email, &present.email),
            phone: differing(&self.phone, &present.phone),
            address1: differing(&self.address1, &present.address1),
            city: differing(&self.city, &present.city),
            state: differing(&self.state, &present.state),
            postal_code: differing(&self.postal_code, &present.postal_code),
            country: differing(&self.country, &present.country),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A contact, as far as the engine looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenContact {
    pub(crate) id: ContactId,
    pub(crate) standard: Standard,
    /// Our fields, by key.
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) tags: BTreeSet<String>,
    pub(crate) added_at: Option<i64>,
    pub(crate) updated_at: Option<i64>,
}

/// An opportunity, as far as the engine looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenOpportunity {
    pub(crate) id: OpportunityId,
    pub(crate) name: String,
    pub(crate) contact: Option<ContactId>,
    pub(crate) pipeline: Option<PipelineId>,
    pub(crate) stage: Option<StageId>,
    pub(crate) status: Option<String>,
    pub(crate) created_at: Option<i64>,
    pub(crate) stage_changed_at: Option<i64>,
}

/// What a call brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Contact(SeenContact),
    ContactFound(Option<ContactId>),
    Opportunity(SeenOpportunity),
    OpportunitiesFound(Vec<SeenOpportunity>),
    Done,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard(email: &str, line: &str, city: &str) -> Standard {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Standard { email: some(email), address1: some(line), city: some(city), ..Standard::default() }
    }

    #[test]
    fn only_blanks_are_filled() {
        let ours = standard("a@example.com", "Street 1", "Turku");
        assert_eq!(ours.blanks_of(&Standard::default()), ours);
        assert_eq!(ours.blanks_of(&standard("b@example.com", "Other 2", "Oulu")), Standard::default());
    }

    #[test]
    fn an_address_is_filled_whole_or_not_at_all() {
        let ours = standard("", "Street 1", "Turku");
        assert!(ours.blanks_of(&standard("", "", "Oulu")).is_empty());
    }
}
