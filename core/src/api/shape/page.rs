use serde_json::{Value, value::RawValue};

use super::{
    Node, Shape, Shaped,
    node::{Names, close},
    replies::{write, write_member},
};
use crate::api::{fields::Fields, opportunities::Cursor, search::next_position};

/// How GHL pages a search: under which name a reply has what was found, and how the next page is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paging {
    /// By the `searchAfter` of the last that was found, or else by the number of the page.
    SearchAfter {
        /// The property of what was found.
        items: &'static str,
        /// The argument that says how many a page has.
        limit: &'static str,
    },
    /// By the `startAfter` and `startAfterId` of the reply's `meta`.
    StartAfter {
        /// The property of what was found.
        items: &'static str,
    },
    /// By how many to pass over.
    Offset {
        /// The property of what was found.
        items: &'static str,
        /// The argument that says how many to pass over.
        offset: &'static str,
        /// The argument that says how many a page has.
        limit: &'static str,
    },
    /// By the `lastMessageId` of the reply, as long as its `nextPage` says that there is more.
    LastMessage,
    /// By how many to pass over.
    Skip {
        /// How many a page has.
        size: u32,
    },
}

impl Paging {
    /// The JSON of the page `{items, next?, total?}`: GHL's reply, given the shape of what is found and the
    /// arguments that asked for it.
    ///
    /// # Errors
    /// The reply has another shape.
    pub(crate) fn page(self, items: &Shape, json: &str, asked: &Node<'_>) -> serde_json::Result<String> {
        let Shape::List(of) = *items else { return super::convert(items, json) };
        let (list, mut reply) = match self {
            Paging::LastMessage => {
                let mut reply = Fields::read(json)?.unwrap_or_default();
                // Documented flat, and sent one level deeper.
                if let Some(nested) = reply.take::<Fields<'_>>(&["messages"]) {
                    reply = nested;
                }
                let list: Vec<Box<RawValue>> = reply.need_list::<_, serde_json::Error>("messages")?;
                (list, reply)
            }
            Paging::SearchAfter { items, .. }
            | Paging::StartAfter { items }
            | Paging::Offset { items, .. } => {
                let mut reply = Fields::read(json)?.unwrap_or_default();
                let list: Vec<Box<RawValue>> = reply.need_list::<_, serde_json::Error>(items)?;
                (list, reply)
            }
            Paging::Skip { .. } => (serde_json::from_str(json)?, Fields::default()),
        };
        let mut found = Vec::with_capacity(list.len());
        for item in &list {
            let mut json = String::new();
            write(of, item.get(), &mut json)?;
            found.push(json);
        }
        let mut meta: Option<Fields<'_>> = reply.take(&["meta"]);
        let from = if matches!(self, Paging::LastMessage) { Some(&mut reply) } else { meta.as_mut() };
        let next = self.next(&found, from, asked);
        let total: Option<u64> = reply.take(&["total"]).or_else(|| meta?.take(&["total"]));

        let mut out = String::new();
        let mut mark = '{';
        write_member(&mut mark, "items", &format!("[{}]", found.join(",")), &mut out);
        if let Some(next) = next {
            write_member(&mut mark, "next", &next.json(Names::Callers), &mut out);
        }
        if let Some(total) = total {
            write_member(&mut mark, "total", &total.to_string(), &mut out);
        }
        close(mark, "{}", &mut out);
        Ok(out)
    }

    /// The arguments that ask for the next page, if there is one.
    fn next<'a>(self, found: &[String], meta: Option<&mut Fields<'_>>, asked: &Node<'a>) -> Option<Node<'a>> {
        let count = |name: &str| asked.get(name).and_then(|node| node.as_text().parse::<u32>().ok());
        let mut next = asked.clone();
        match self {
            Paging::SearchAfter { limit, .. } => {
                let last: Option<Value> =
                    found.last().and_then(|json| Fields::read(json).ok()??.take(&["searchAfter"]));
                let searched: Vec<Value> = asked.get("searchAfter").map_or(Vec::new(), Node::values);
                let at = (count("page"), searched.as_slice());
                let (page, cursor) = next_position(at, found.len(), count(limit)?, last.as_ref())?;
                next.set("page", page.map(|page| Node::whole(page.into())));
                let cursor: Vec<_> =
                    cursor.iter().map(|value| Node::Json(value.to_string().into())).collect();
                next.set("searchAfter", (!cursor.is_empty()).then_some(Node::List(cursor)));
            }
            Paging::StartAfter { .. } => {
                let cursor = Cursor::of(meta?)?;
                let full = !found.is_empty() && found.len() as u64 >= u64::from(count("limit")?);
                // A cursor that stands still would fetch the same page for ever.
                let after = asked.get("after");
                let is = |name: &str, text: &str| {
                    after.and_then(|after| after.get(name)).is_some_and(|before| before.as_text() == text)
                };
                if !full
                    || is("startAfter", &cursor.start_after) && is("startAfterId", &cursor.start_after_id)
                {
                    return None;
                }
                let members = [cursor.start_after, cursor.start_after_id];
                let members = members.map(|text| Some(Node::Text(text.into()))).into();
                let Shape::Input(input) = Cursor::SHAPE else { return None };
                next.set("after", Some(Node::Object(input, members)));
            }
            Paging::LastMessage => {
                let meta = meta?;
                let more = meta.take::<bool>(&["nextPage"]) == Some(true) && !found.is_empty();
                let last = more.then(|| meta.text(&["lastMessageId"]))??;
                next.set("lastMessageId", Some(Node::Text(last.into())));
            }
            Paging::Offset { offset, limit, .. } => {
                let limit = count(limit)?;
                if found.is_empty() || found.len() < limit as usize {
                    return None;
                }
                next.set(offset, Some(Node::whole(count(offset)?.saturating_add(limit).into())));
            }
            Paging::Skip { size } => {
                if found.len() < size as usize {
                    return None;
                }
                next.set("skip", Some(Node::whole(count("skip")?.saturating_add(size).into())));
            }
        }
        Some(next)
    }
}
