//! Custom fields by key or name: GHL takes ids, which differ from location to location.

use std::borrow::Cow;

use serde::de::Error as _;

use super::custom_fields::{self, Model};
use crate::{
    client::{CallOptions, Client, FieldNames, Prepare},
    error::{Error, Result},
    ids::LocationId,
    json::{self, Fault, Reader},
};

/// Puts the ids of a contact's custom fields in place of their keys and names.
pub(super) const OF_CONTACT: Prepare =
    |client, location, body, options| Box::pin(resolve(Model::Contact, client, location, body, options));
/// As [`OF_CONTACT`], of an opportunity.
pub(super) const OF_OPPORTUNITY: Prepare =
    |client, location, body, options| Box::pin(resolve(Model::Opportunity, client, location, body, options));

/// The property of a body that has custom fields.
const FIELDS: &str = "customFields";
/// How many near ones an error lists.
const NEAR: usize = 3;
/// Longer names are near to none.
const MAX_NAME: usize = 64;

/// The body with ids; `None` where it has them already.
async fn resolve(
    model: Model,
    client: &Client,
    location: &LocationId,
    body: &[u8],
    options: CallOptions<'_>,
) -> Result<Option<Vec<u8>>> {
    let body = std::str::from_utf8(body).unwrap_or_default();
    let Ok(Some(items)) = json::member(body, FIELDS) else { return Ok(None) };
    let asked = asked(items);
    if asked.is_empty() {
        return Ok(None);
    }
    let (list, clock) = (client.field_list(location, model.as_str()), client.clock());
    let load = async || {
        let found = client.call(location, &custom_fields::list(location, model), &options).await.result?;
        let names = found.into_iter().map(|field| FieldNames {
            id: field.id.to_string(),
            key: field.field_key,
            name: field.name,
        });
        Ok(names.collect())
    };
    let began = clock.now_ms();
    let mut fields = list.recent(clock, load()).await?;
    if asked.iter().any(|asked| asked.among(&fields).is_empty()) {
        fields = list.since(began, clock, load()).await?;
    }
    let ids = asked.iter().map(|asked| Ok((asked.at, asked.id(model, &fields)?)));
    let ids: Vec<(usize, &str)> = ids.collect::<Result<_>>()?;
    let body = with_ids(body, &ids).map_err(|fault| fault.into_error("body"))?;
    Ok(Some(body.into_bytes()))
}

/// A custom field that is named by something else than its id.
struct Asked<'a> {
    /// Its place in the list.
    at: usize,
    /// `key` or `name`.
    by: &'static str,
    text: Cow<'a, str>,
}

/// Those of these custom fields that have no id.
fn asked(items: &str) -> Vec<Asked<'_>> {
    let items = Reader::new(items).items().unwrap_or_default().into_iter().enumerate();
    let asked = items.filter_map(|(at, item)| {
        let members = item.members().ok()?;
        let text = |by: &str| {
            let (_, value) = members.iter().find(|(name, _)| name == by)?;
            Reader::new(value.get()).string(&"a string").ok()
        };
        let by = if text("id").is_some() { return None } else { ["key", "name"] };
        by.into_iter().find_map(|by| Some(Asked { at, by, text: text(by)? }))
    });
    asked.collect()
}

impl Asked<'_> {
    /// The fields that it may mean. A name counts in any case, unless one is spelled just so.
    fn among<'f>(&self, fields: &'f [FieldNames]) -> Vec<&'f FieldNames> {
        let those = |is: &dyn Fn(&FieldNames) -> bool| fields.iter().filter(|field| is(field)).collect();
        let exact: Vec<_> = those(&|field| self.says(field).any(|text| *text == *self.text));
        if !exact.is_empty() || self.by == "key" {
            return exact;
        }
        let lower = self.text.trim().to_lowercase();
        those(&|field| self.says(field).any(|text| text.trim().to_lowercase() == lower))
    }

    /// What a field is called in these terms: its key with and without the object's prefix, or its name.
    fn says<'f>(&self, field: &'f FieldNames) -> impl Iterator<Item = &'f str> + use<'f> {
        let [one, other] = match self.by {
            "key" => {
                let key = field.key.as_deref();
                [key.and_then(|key| key.split_once('.')).map(|(_, key)| key), key]
            }
            _ => [field.name.as_deref(), None],
        };
        one.into_iter().chain(other)
    }

    fn id<'f>(&self, model: Model, fields: &'f [FieldNames]) -> Result<&'f str> {
        let Self { at, by, text } = self;
        let (field, model) = (format!("{FIELDS}[{at}].{by}"), model.as_str());
        match self.among(fields)[..] {
            [one] => Ok(&one.id),
            [] => {
                let near = self.near(fields);
                let near =
                    if near.is_empty() { String::new() } else { format!("; near are {}", near.join(", ")) };
                let expected = format_args!("the location has no {model} field with the {by} `{text}`{near}");
                Err(Error::invalid(field, expected))
            }
            _ => {
                let expected = "expected one field, and several have this name; name it by its key or id";
                Err(Error::invalid(field, expected))
            }
        }
    }

    /// What the location has instead, the nearest first.
    fn near(&self, fields: &[FieldNames]) -> Vec<String> {
        let lower = self.text.to_lowercase();
        let most = 2.max(lower.chars().count() / 3);
        let mut near: Vec<(usize, &str)> = fields
            .iter()
            .filter_map(|field| self.says(field).next())
            .map(|text| (distance(&lower, &text.to_lowercase()), text))
            .filter(|(distance, _)| *distance <= most)
            .collect();
        near.sort_unstable();
        near.into_iter().take(NEAR).map(|(_, text)| format!("`{text}`")).collect()
    }
}

/// How many letters have to be added, removed or replaced to make one of the other.
fn distance(one: &str, other: &str) -> usize {
    if one.len().max(other.len()) > MAX_NAME {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut last = at + 1;
        let mut next = vec![last];
        for (other, cells) in other.chars().zip(row.windows(2)) {
            let [diagonal, above] = cells else { continue };
            last = (diagonal + usize::from(letter != other)).min(above + 1).min(last + 1);
            next.push(last);
        }
        row = next;
    }
    row.pop().unwrap_or_default()
}

/// The body with these ids at their places, and without the keys and names that they stand for.
fn with_ids(body: &str, ids: &[(usize, &str)]) -> Result<String, Fault> {
    json::object(body, &mut |name, value| {
        if name != FIELDS {
            return Ok(Some((name, value.into())));
        }
        let items = json::array(value, &mut |at, item| {
            let Some((_, id)) = ids.iter().find(|(place, _)| *place == at) else { return Ok(item.into()) };
            let id = serde_json::to_string(id).map_err(Fault::custom)?;
            let mut id = Some(id);
            let item = json::object(item, &mut |name, value| {
                Ok(match &*name {
                    "key" | "name" => id.take().map(|id| ("id".into(), id.into())),
                    _ => Some((name, value.into())),
                })
            });
            item.map(Into::into)
        });
        Ok(Some((name, items?.into())))
    })
}
