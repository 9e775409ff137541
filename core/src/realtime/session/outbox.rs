//! What waits to be sent, and what waits for an answer.

use std::collections::{BTreeMap, VecDeque};

use serde_json::value::RawValue;

use crate::{
    error::{Code, Error, Result},
    realtime::{
        engine_io,
        socket_io::{Body, Packet},
    },
};

/// So many events wait at most: for a connection, and for an answer.
const MAX_EVENTS: usize = 256;
/// So many bytes wait for a connection at most.
const MAX_BYTES: usize = 1024 * 1024;
/// What type, id and punctuation of a frame take at most, beside the namespace.
const FRAME_BYTES: usize = 32;

#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Emit>,
    bytes: usize,
    next_id: u64,
    /// By id, until when.
    asked: BTreeMap<u64, Asked>,
}

#[derive(Debug)]
struct Emit {
    id: Option<u64>,
    event: String,
    args: Vec<Box<RawValue>>,
    bytes: usize,
}

#[derive(Debug)]
struct Asked {
    by: i64,
    sent: bool,
}

impl Outbox {
    pub(super) fn push(
        &mut self,
        event: &str,
        args: &[&RawValue],
        by: Option<i64>,
        max_payload: usize,
    ) -> Result<Option<u64>> {
        let bytes = FRAME_BYTES + event.len() + args.iter().map(|arg| arg.get().len() + 1).sum::<usize>();
        if bytes > max_payload.min(MAX_BYTES) {
            let message = format!("args: expected at most {} bytes, got {bytes}", max_payload.min(MAX_BYTES));
            return Err(Error::new(Code::TooLarge, message).with_field("args"));
        }
        if self.waiting.len().max(self.asked.len()) >= MAX_EVENTS || self.bytes + bytes > MAX_BYTES {
            return Err(Error::new(
                Code::Network,
                "too much waits for the connection, or for answers; emit again once there is room",
            ));
        }
        let id = by.map(|by| {
            let id = self.next_id;
            self.next_id += 1;
            self.asked.insert(id, Asked { by, sent: false });
            id
        });
        self.bytes += bytes;
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        self.waiting.push_back(Emit { id, event: event.to_owned(), args, bytes });
        Ok(id)
    }

    /// The next frame.
    pub(super) fn next(&mut self, namespace: &str) -> Option<String> {
        let Emit { id, event, args, bytes } = self.waiting.pop_front()?;
        self.bytes -= bytes;
        if let Some(asked) = id.and_then(|id| self.asked.get_mut(&id)) {
            asked.sent = true;
        }
        let args = args.iter().map(|arg| &**arg).collect();
        let packet =
            Packet { namespace: namespace.into(), body: Body::Event { id, name: event.into(), args } };
        Some(engine_io::Packet::Message(&packet.encode()).encode())
    }

    /// An answer came; false where nobody waits for it.
    pub(super) fn answered(&mut self, id: u64) -> bool {
        self.asked.remove(&id).is_some()
    }

    /// When the first answer is late.
    pub(super) fn deadline(&self) -> Option<i64> {
        self.asked.values().map(|asked| asked.by).min()
    }

    /// Those whose answer is late. What was not sent yet is not sent any more.
    pub(super) fn late(&mut self, now: i64) -> Vec<u64> {
        let late: Vec<u64> =
            self.asked.iter().filter(|(_, asked)| asked.by <= now).map(|(id, _)| *id).collect();
        for id in &late {
            self.asked.remove(id);
        }
        if !late.is_empty() {
            self.waiting.retain(|emit| emit.id.is_none_or(|id| !late.contains(&id)));
            self.bytes = self.waiting.iter().map(|emit| emit.bytes).sum();
        }
        late
    }

    /// Those whose answer cannot come any more, as the connection that they were sent on has ended.
    pub(super) fn lost(&mut self) -> Vec<u64> {
        let lost = self.asked.iter().filter(|(_, asked)| asked.sent).map(|(id, _)| *id).collect();
        self.asked.retain(|_, asked| !asked.sent);
        lost
    }
}
