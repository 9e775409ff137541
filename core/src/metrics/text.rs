//! The text that Prometheus reads (exposition format 0.0.4).

use std::fmt::Write as _;

use super::counts::{ByCode, Counts, Histogram, PerRoute};
use crate::{ids::LocationId, policy::rate_limit::Room, ports::store::DeliveryCount};

/// What is so at the moment of asking.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Gauges {
    /// Whether the database could be asked; without it the next six are not known.
    pub(crate) database_works: bool,
    /// Jobs that wait or are being worked on.
    pub(crate) waiting: i64,
    /// Jobs that were given up.
    pub(crate) dead: i64,
    /// For how long the first job has been due, in milliseconds; 0 if none is.
    pub(crate) oldest_due_ms: i64,
    /// For how long the first received webhook has waited to be applied, in milliseconds; 0 if none does.
    pub(crate) oldest_webhook_ms: i64,
    /// When the last job was done, in epoch milliseconds.
    pub(crate) done_at: Option<i64>,
    /// Messages that wait, are under way or were given up, by channel and state.
    pub(crate) messages: Vec<DeliveryCount>,
    /// What is left of the limits: of each location, or of the one with the least, without its name.
    pub(crate) rooms: Vec<(Option<LocationId>, Room)>,
    /// Streams of events that are open.
    pub(crate) streams: usize,
}

pub(super) fn write(counts: &Counts, gauges: &Gauges) -> String {
    let mut text = Text(String::with_capacity(4096));
    text.family("ghlkit_build_info", "gauge", "The version of ghlkit.");
    text.sample("ghlkit_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    calls(&mut text, counts);
    limits(&mut text, counts, gauges);
    webhooks(&mut text, counts);
    queue(&mut text, gauges);
    text.family("ghlkit_event_streams", "gauge", "Streams of events that are open.");
    text.sample("ghlkit_event_streams", &[], gauges.streams);
    text.family("ghlkit_notifications_total", "counter", "Notices by channel, and whether they were told.");
    for ((channel, outcome), count) in &counts.notified {
        text.sample("ghlkit_notifications_total", &[("channel", channel), ("outcome", outcome)], *count);
    }
    text.0
}

fn calls(text: &mut Text, counts: &Counts) {
    let by_code = |text: &mut Text, name: &str, of: fn(&PerRoute) -> &ByCode| {
        for (route, per) in &counts.routes {
            for ((method, code), count) in of(per) {
                text.sample(name, &[("method", method), ("route", route), ("code", code)], *count);
            }
        }
    };
    let help = "Calls to GHL that have ended, by what came of them: `ok`, or the code of the error.";
    text.family("ghlkit_calls_total", "counter", help);
    by_code(text, "ghlkit_calls_total", |per| &per.calls);
    text.family("ghlkit_retries_total", "counter", "Tries that failed and were followed by another.");
    by_code(text, "ghlkit_retries_total", |per| &per.retries);
    text.family("ghlkit_reply_seconds", "histogram", "How long GHL took to reply, whatever the status.");
    for (route, per) in &counts.routes {
        for (method, replies) in &per.replies {
            text.histogram("ghlkit_reply_seconds", &[("method", method), ("route", route)], replies);
        }
    }
}

fn limits(text: &mut Text, counts: &Counts, gauges: &Gauges) {
    let help = "Calls that a limit held back: the client's own pace, or a 429 of GHL's.";
    text.family("ghlkit_rate_limited_total", "counter", help);
    for (by, count) in ["client", "ghl"].iter().zip(counts.limited) {
        text.sample("ghlkit_rate_limited_total", &[("by", by)], count);
    }
    let rooms = |text: &mut Text, name: &str, of: fn(&Room) -> u32| {
        for (location, room) in &gauges.rooms {
            let label = location.as_ref().map(|id| [("location", id.as_str())]);
            text.sample(name, label.as_ref().map_or(&[], |label| label.as_slice()), of(room));
        }
    };
    let help = "Calls that may leave now, at the location with the least room, as this process knows.";
    text.family("ghlkit_rate_headroom", "gauge", help);
    rooms(text, "ghlkit_rate_headroom", |room| room.now);
    text.family("ghlkit_rate_headroom_daily", "gauge", "The same for the rest of the day.");
    rooms(text, "ghlkit_rate_headroom_daily", |room| room.today);
}

fn webhooks(text: &mut Text, counts: &Counts) {
    let help = "Webhooks by verdict: `accepted`, `seen` before, or the code of the refusal.";
    text.family("ghlkit_webhooks_total", "counter", help);
    for (verdict, count) in &counts.webhooks {
        text.sample("ghlkit_webhooks_total", &[("verdict", verdict)], *count);
    }
    let help = "How long webhooks waited from their receipt until they were applied.";
    text.family("ghlkit_webhook_apply_seconds", "histogram", help);
    text.histogram("ghlkit_webhook_apply_seconds", &[], &counts.applied);
}

fn queue(text: &mut Text, gauges: &Gauges) {
    text.family("ghlkit_database_up", "gauge", "Whether the database answered.");
    text.sample("ghlkit_database_up", &[], u8::from(gauges.database_works));
    if !gauges.database_works {
        return;
    }
    text.family(
        "ghlkit_jobs",
        "gauge",
        "Sync jobs that wait or are being worked on, and that were given up.",
    );
    text.sample("ghlkit_jobs", &[("state", "waiting")], gauges.waiting);
    text.sample("ghlkit_jobs", &[("state", "dead")], gauges.dead);
    text.family("ghlkit_job_oldest_seconds", "gauge", "For how long the first job has been due.");
    text.sample("ghlkit_job_oldest_seconds", &[], seconds(gauges.oldest_due_ms));
    text.family(
        "ghlkit_webhook_oldest_seconds",
        "gauge",
        "For how long the first webhook has waited to be applied.",
    );
    text.sample("ghlkit_webhook_oldest_seconds", &[], seconds(gauges.oldest_webhook_ms));
    let help =
        "Messages to customers and others that wait, are under way (leased) and were given up, by channel.";
    text.family("ghlkit_messages", "gauge", help);
    for DeliveryCount { channel, state, count } in &gauges.messages {
        text.sample("ghlkit_messages", &[("channel", channel), ("state", state.as_str())], count);
    }
    if let Some(at) = gauges.done_at {
        text.family("ghlkit_last_sync_timestamp_seconds", "gauge", "When an order came in step last.");
        text.sample("ghlkit_last_sync_timestamp_seconds", &[], seconds(at));
    }
}

/// Milliseconds as seconds, digit for digit.
fn seconds(ms: impl TryInto<u64>) -> String {
    let ms: u64 = ms.try_into().unwrap_or(0);
    let text = format!("{}.{:03}", ms / 1_000, ms % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

struct Text(String);

impl Text {
    /// Writing to a text cannot fail.
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = self.0.write_fmt(line);
        self.0.push('\n');
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (i, (label, of)) in labels.iter().enumerate() {
            self.0.push(if i == 0 { '{' } else { ',' });
            self.0.push_str(label);
            self.0.push_str("=\"");
            for c in of.chars() {
                match c {
                    '\\' => self.0.push_str("\\\\"),
                    '"' => self.0.push_str("\\\""),
                    '\n' => self.0.push_str("\\n"),
                    c => self.0.push(c),
                }
            }
            self.0.push('"');
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        self.line(format_args!(" {value}"));
    }

    fn histogram(&mut self, name: &str, labels: &[(&str, &str)], histogram: &Histogram) {
        let bucket = format!("{name}_bucket");
        let mut so_far = 0;
        for (bound, count) in histogram.bounds.iter().zip(&histogram.buckets) {
            so_far += count;
            let bound = seconds(*bound);
            self.sample(&bucket, &[labels, &[("le", bound.as_str())]].concat(), so_far);
        }
        self.sample(&bucket, &[labels, &[("le", "+Inf")]].concat(), histogram.count);
        self.sample(&format!("{name}_sum"), labels, seconds(histogram.sum_ms));
        self.sample(&format!("{name}_count"), labels, histogram.count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::store::DeliveryState;

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let mut counts = Counts::default();
        counts.call("/contacts/{contactId}", "GET", "ok");
        counts.retry("/contacts/{contactId}", "GET", "server");
        counts.replied("/contacts/{contactId}", "GET", 75);
        counts.limited(true);
        counts.webhook("signature");
        counts.applied(1_500);
        counts.notified("host", "told");
        let room = Room { now: 97, today: 199_000 };
        let gauges = Gauges {
            database_works: true,
            waiting: 3,
            dead: 1,
            oldest_due_ms: 61_250,
            oldest_webhook_ms: -5,
            done_at: Some(1_769_860_800_000),
            messages: vec![DeliveryCount {
                channel: "email".to_owned(),
                state: DeliveryState::Dead,
                count: 2,
            }],
            rooms: vec![(Some(LocationId::new("a\"b\\c\nd")), room)],
            streams: 5,
        };
        let text = write(&counts, &gauges);
        for line in [
            "# TYPE ghlkit_calls_total counter",
            "ghlkit_event_streams 5",
            r#"ghlkit_calls_total{method="GET",route="/contacts/{contactId}",code="ok"} 1"#,
            r#"ghlkit_retries_total{method="GET",route="/contacts/{contactId}",code="server"} 1"#,
            r#"ghlkit_reply_seconds_bucket{method="GET",route="/contacts/{contactId}",le="0.05"} 0"#,
            r#"ghlkit_reply_seconds_bucket{method="GET",route="/contacts/{contactId}",le="0.1"} 1"#,
            r#"ghlkit_reply_seconds_bucket{method="GET",route="/contacts/{contactId}",le="+Inf"} 1"#,
            r#"ghlkit_reply_seconds_sum{method="GET",route="/contacts/{contactId}"} 0.075"#,
            r#"ghlkit_rate_limited_total{by="client"} 0"#,
            r#"ghlkit_rate_limited_total{by="ghl"} 1"#,
            r#"ghlkit_rate_headroom{location="a\"b\\c\nd"} 97"#,
            r#"ghlkit_webhooks_total{verdict="signature"} 1"#,
            r#"ghlkit_webhook_apply_seconds_bucket{le="5"} 1"#,
            "ghlkit_webhook_apply_seconds_sum 1.5",
            r#"ghlkit_jobs{state="waiting"} 3"#,
            "ghlkit_job_oldest_seconds 61.25",
            "ghlkit_webhook_oldest_seconds 0",
            "ghlkit_last_sync_timestamp_seconds 1769860800",
            r#"ghlkit_messages{channel="email",state="dead"} 2"#,
            r#"ghlkit_notifications_total{channel="host",outcome="told"} 1"#,
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
        assert!(text.ends_with('\n'));
    }

    #[test]
    fn without_a_database_what_it_knows_is_left_out() {
        let text = write(&Counts::default(), &Gauges::default());
        assert!(text.contains("\nghlkit_database_up 0\n") && !text.contains("ghlkit_jobs"), "{text}");
    }

    #[test]
    fn seconds_are_exact() {
        for (ms, text) in
            [(0, "0"), (1, "0.001"), (50, "0.05"), (1_000, "1"), (10_500, "10.5"), (100_000, "100")]
        {
            assert_eq!(seconds(ms), text);
        }
    }
}
