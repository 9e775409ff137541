//! Events about what stands beside an order: read when they are asked for in full, and never by the engine.

mod account;
mod members;
mod talk;
mod trade;

use ghlkit_wire::Wire;

use super::event::EventBody;

pub use account::{
    AssociationEvent, LocationEvent, ObjectSchemaEvent, PlanChangeEvent, RecordEvent, RelationEvent,
    UserEvent,
};
pub(super) use members::Members;
pub use talk::{
    CampaignEvent, ConversationEvent, EmailStatsEvent, MessageEvent, NoteEvent, ProviderMessageEvent,
    TaskEvent,
};
pub use trade::{InvoiceEvent, PaymentOrderEvent, ProductEvent};

/// Writes a struct for each kind of event, and what reads it by the event's type. All members may be absent, and one of
/// an unexpected type is.
macro_rules! records {
    ($(
        $(#[$meta:meta])*
        $variant:ident [$($type:literal),+] $name:ident {
            $($(#[$of:meta])* $field:ident: $value:ty = $wire:literal,)+
        }
    )+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, PartialEq, Serialize)]
            #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
            #[serde(rename_all = "camelCase")]
            pub struct $name {
                $($(#[$of])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$value>,)+
            }
        )+

        /// The body of an event of one of these types.
        pub(super) fn read(
            event_type: &str,
            wire: &ghlkit_wire::Wire<'_>,
            text: &str,
        ) -> Option<$crate::webhook::EventBody> {
            Some(match event_type {
                $($($type)|+ => {
                    let members = $crate::webhook::records::Members::of(wire, text, &[$($wire),+]);
                    $crate::webhook::EventBody::$variant($name { $($field: members.get($wire),)+ })
                })+
                _ => return None,
            })
        }

        #[cfg(test)]
        pub(super) const TYPES: &[&str] = &[$($($type,)+)+];
    };
}
use records;

/// The body of an event of one of these types.
pub(super) fn read(event_type: &str, wire: &Wire<'_>, text: &str) -> Option<EventBody> {
    [talk::read, trade::read, account::read].into_iter().find_map(|read| read(event_type, wire, text))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        ids::{ContactId, MessageId, NoteId},
        webhook::parse,
    };

    fn read(body: Value) -> EventBody {
        parse(body.to_string().as_bytes()).unwrap().body
    }

    #[test]
    fn a_message_has_one_recipient_or_several() {
        for to in [json!("a@b.fi"), json!(["a@b.fi"])] {
            let body = json!({ "type": "OutboundMessage", "messageId": "m1", "to": to, "cc": 5, "callDuration": "7" });
            let EventBody::Message(message) = read(body) else { panic!() };
            assert_eq!(message.to, Some(["a@b.fi"].into_iter().collect()));
            assert_eq!((message.cc, message.call_duration), (None, None), "of an unexpected type");
            assert_eq!(message.id, Some(MessageId::new("m1")));
        }
    }

    #[test]
    fn what_is_nested_is_found_but_the_envelope_wins() {
        let body =
            json!({ "type": "NoteCreate", "id": "n1", "data": { "id": "inner", "contactId": "con1" } });
        let EventBody::Note(note) = read(body) else { panic!() };
        assert_eq!((note.id, note.contact), (Some(NoteId::new("n1")), Some(ContactId::new("con1"))));
    }

    /// Those of a body with few members are noted while it is read, those of one with many are looked for afterwards.
    #[test]
    fn a_body_says_the_same_however_many_members_it_has() {
        let ours = r#""type":"ContactUpdate","id":"con1","\u0063ity":"Oulu","city":"Turku","state":5,"dnd":true,
            "data":{"city":"Vaasa","state":"Uusimaa","country":"FI","country":"SE"},"dndSettings":{"SMS":{"status":"active"}}"#;
        let note = r#""type":"NoteCreate","id":"n1","body":"a","body":"b","data":{"contactId":"con1"}"#;
        let appointment =
            r#""type":"AppointmentCreate","appointment":{"id":"app1","notes":"first","notes":"last"}"#;
        for ours in [ours, note, appointment] {
            let bodies = [0, 10, 50, 60, 100, 500].map(|others| {
                let others: String = (0..others).map(|nth| format!("\"other{nth}\":[{nth}],")).collect();
                parse(format!("{{{others}{ours}}}").as_bytes()).unwrap().body
            });
            let [first, rest @ ..] = &bodies;
            assert!(rest.iter().all(|body| body == first), "{bodies:?}");
        }
        let EventBody::Contact(contact) = parse(format!("{{{ours}}}").as_bytes()).unwrap().body else {
            panic!()
        };
        assert_eq!((contact.city.as_deref(), contact.state.as_deref()), (Some("Turku"), Some("Uusimaa")));
        assert_eq!((contact.country.as_deref(), contact.dnd), (Some("SE"), Some(true)));
    }

    #[test]
    fn each_type_has_a_body_of_its_own_even_where_nothing_is_as_expected() {
        for event_type in [talk::TYPES, trade::TYPES, account::TYPES].concat() {
            for body in
                [json!({ "type": event_type }), json!({ "type": event_type, "id": [], "_id": {}, "data": 5 })]
            {
                let event = parse(body.to_string().as_bytes()).unwrap();
                assert_eq!(event.event_type, event_type);
                assert!(!matches!(event.body, EventBody::Other | EventBody::Workflow(_)), "{event_type}");
                let written = serde_json::to_value(&event).unwrap();
                assert_eq!(written.as_object().unwrap().len(), 2, "type and kind alone: {written}");
            }
        }
    }

    #[test]
    fn a_workflows_body_may_have_any_other_type() {
        let body = json!({ "type": "OrderShipped", "contactId": "con1", "pipelineStage": "Shipped" });
        assert!(matches!(read(body), EventBody::Workflow(_)));
    }
}
