//! The words where a shop has none of its own.

use super::{InstallationChange, MessageName, values::Language};

/// Words with placeholders: a subject, the paragraphs of an e-mail between greeting and name, a text message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) subject: &'static str,
    pub(super) body: &'static str,
    pub(super) sms: &'static str,
}

const fn words(subject: &'static str, body: &'static str, sms: &'static str) -> Words {
    Words { subject, body, sms }
}

/// What stands around the body of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) see_order: &'static str,
    pub(super) progress: &'static str,
    pub(super) regards: &'static str,
}

pub(super) fn frame(language: Language) -> Frame {
    match language {
        Language::English => {
            Frame { see_order: "See your order", progress: "Progress", regards: "Kind regards" }
        }
        Language::German => {
            Frame {
                see_order: "Zu Ihrer Bestellung", progress: "Fortschritt", regards: "Freundliche Grüße"
            }
        }
    }
}

pub(super) fn of(language: Language, name: &MessageName) -> Words {
    match language {
        Language::English => english(name),
        Language::German => german(name),
    }
}

fn english(name: &MessageName) -> Words {
    match name {
        MessageName::Status(status) => match status.as_str() {
            "order_placed" => words(
                "Thank you for your order #{{orderNumber}}",
                "Thank you for your order of {{product}}. We have received it and will write to you at every step on its way.",
                "Thank you! We have received your order #{{orderNumber}}.",
            ),
            "processing" => words(
                "Your order #{{orderNumber}} is being prepared",
                "We have checked your order of {{product}} and are preparing it for production.",
                "Your order #{{orderNumber}} is being prepared.",
            ),
            "manufacturing" => words(
                "Your order #{{orderNumber}} is in production",
                "Our workshop has begun to build your {{product}}. We will let you know how it comes along.",
                "Our workshop has begun to build your order #{{orderNumber}}.",
            ),
            "quality_check" => words(
                "Your order #{{orderNumber}} is being inspected",
                "Your {{product}} is built. Before it leaves the workshop, we inspect every part of it.",
                "Your order #{{orderNumber}} is built and is being inspected.",
            ),
            "shipped" => words(
                "Your order #{{orderNumber}} is on its way",
                "Your {{product}} has left our workshop and is on its way to you.",
                "Your order #{{orderNumber}} is on its way to you.",
            ),
            "delivered" => words(
                "Your order #{{orderNumber}} has arrived",
                "Your {{product}} has been delivered. The next step is its installation.",
                "Your order #{{orderNumber}} has been delivered.",
            ),
            "installation" => words(
                "Your order #{{orderNumber}}: installation",
                "Everything is ready to install your {{product}}.",
                "Everything is ready to install your order #{{orderNumber}}.",
            ),
            "completed" => words(
                "Your order #{{orderNumber}} is complete",
                "Your {{product}} is installed and your order is complete. We wish you much joy with it.",
                "Your order #{{orderNumber}} is complete. We wish you much joy with it!",
            ),
            "cancelled" => words(
                "Your order #{{orderNumber}} is cancelled",
                "Your order of {{product}} has been cancelled. If this is not what you expected, please reply to this message.",
                "Your order #{{orderNumber}} has been cancelled.",
            ),
            "refunded" => words(
                "Your refund for order #{{orderNumber}}",
                "We have refunded your order of {{product}}. It may take your bank a few days until you see the amount.",
                "We have refunded your order #{{orderNumber}}.",
            ),
            "returned" => words(
                "We have your return of order #{{orderNumber}}",
                "We have received your return of {{product}}.",
                "We have received your return of order #{{orderNumber}}.",
            ),
            _ => words(
                "News of your order #{{orderNumber}}",
                "Your order of {{product}} has come to a new step: {{status}}.",
                "Your order #{{orderNumber}}: {{status}}.",
            ),
        },
        MessageName::Milestone(100) => words(
            "Your order #{{orderNumber}} is built",
            "The last part of your {{product}} is done: it is built.",
            "Your order #{{orderNumber}} is built.",
        ),
        MessageName::Milestone(_) => words(
            "Your order #{{orderNumber}} is {{milestone}} % built",
            "Good news from the workshop: {{milestone}} % of your {{product}} is built.",
            "{{milestone}} % of your order #{{orderNumber}} is built.",
        ),
        MessageName::Installation(change) => match change {
            InstallationChange::Scheduled => words(
                "The installation of order #{{orderNumber}} on {{installationDate}}",
                "We will come to install your {{product}} on {{installationDate}} from {{installationStart}} to about {{installationEnd}}.",
                "We will install your order #{{orderNumber}} on {{installationDate}} from {{installationStart}}.",
            ),
            InstallationChange::Rescheduled => words(
                "New date for the installation of order #{{orderNumber}}",
                "The installation of your {{product}} has a new date: {{installationDate}} from {{installationStart}} to about {{installationEnd}}.",
                "New date for the installation of order #{{orderNumber}}: {{installationDate}} from {{installationStart}}.",
            ),
            InstallationChange::Cancelled => words(
                "The installation of order #{{orderNumber}} is cancelled",
                "The installation of your {{product}} is cancelled. We will contact you about a new date.",
                "The installation of your order #{{orderNumber}} is cancelled.",
            ),
        },
    }
}

fn german(name: &MessageName) -> Words {
    match name {
        MessageName::Status(status) => match status.as_str() {
            "order_placed" => words(
                "Danke für Ihre Bestellung {{orderNumber}}",
                "vielen Dank für Ihre Bestellung: {{product}}. Sie ist bei uns eingegangen, und wir melden uns bei jedem Schritt.",
                "Danke! Ihre Bestellung {{orderNumber}} ist bei uns eingegangen.",
            ),
            "processing" => words(
                "Ihre Bestellung {{orderNumber}} wird vorbereitet",
                "wir haben Ihre Bestellung geprüft und bereiten die Fertigung vor: {{product}}.",
                "Ihre Bestellung {{orderNumber}} wird vorbereitet.",
            ),
            "manufacturing" => words(
                "Ihre Bestellung {{orderNumber}} ist in Fertigung",
                "unsere Werkstatt hat mit dem Bau begonnen: {{product}}. Wir halten Sie auf dem Laufenden.",
                "Unsere Werkstatt hat mit dem Bau Ihrer Bestellung {{orderNumber}} begonnen.",
            ),
            "quality_check" => words(
                "Ihre Bestellung {{orderNumber}} wird geprüft",
                "der Bau ist abgeschlossen: {{product}}. Bevor die Ware unsere Werkstatt verlässt, prüfen wir jedes Teil.",
                "Ihre Bestellung {{orderNumber}} ist gebaut und wird geprüft.",
            ),
            "shipped" => words(
                "Ihre Bestellung {{orderNumber}} ist unterwegs",
                "Ihre Bestellung hat unsere Werkstatt verlassen und ist auf dem Weg zu Ihnen: {{product}}.",
                "Ihre Bestellung {{orderNumber}} ist auf dem Weg zu Ihnen.",
            ),
            "delivered" => words(
                "Ihre Bestellung {{orderNumber}} ist angekommen",
                "Ihre Bestellung wurde geliefert: {{product}}. Der nächste Schritt ist der Aufbau.",
                "Ihre Bestellung {{orderNumber}} wurde geliefert.",
            ),
            "installation" => words(
                "Ihre Bestellung {{orderNumber}}: Aufbau",
                "alles ist bereit für den Aufbau: {{product}}.",
                "Alles ist bereit für den Aufbau Ihrer Bestellung {{orderNumber}}.",
            ),
            "completed" => words(
                "Ihre Bestellung {{orderNumber}} ist abgeschlossen",
                "der Aufbau ist fertig und Ihre Bestellung abgeschlossen: {{product}}. Wir wünschen Ihnen viel Freude damit.",
                "Ihre Bestellung {{orderNumber}} ist abgeschlossen. Viel Freude damit!",
            ),
            "cancelled" => words(
                "Ihre Bestellung {{orderNumber}} ist storniert",
                "Ihre Bestellung wurde storniert: {{product}}. Falls Sie das nicht erwartet haben, antworten Sie bitte auf diese Nachricht.",
                "Ihre Bestellung {{orderNumber}} wurde storniert.",
            ),
            "refunded" => words(
                "Ihre Erstattung zur Bestellung {{orderNumber}}",
                "wir haben Ihre Bestellung erstattet: {{product}}. Bis der Betrag auf Ihrem Konto ist, können einige Tage vergehen.",
                "Wir haben Ihre Bestellung {{orderNumber}} erstattet.",
            ),
            "returned" => words(
                "Ihre Rücksendung zur Bestellung {{orderNumber}}",
                "Ihre Rücksendung ist bei uns angekommen: {{product}}.",
                "Ihre Rücksendung zur Bestellung {{orderNumber}} ist bei uns angekommen.",
            ),
            _ => words(
                "Neues von Ihrer Bestellung {{orderNumber}}",
                "Ihre Bestellung ist einen Schritt weiter: {{status}}.",
                "Ihre Bestellung {{orderNumber}}: {{status}}.",
            ),
        },
        MessageName::Milestone(100) => words(
            "Ihre Bestellung {{orderNumber}} ist gebaut",
            "das letzte Teil ist fertig, der Bau ist abgeschlossen: {{product}}.",
            "Ihre Bestellung {{orderNumber}} ist fertig gebaut.",
        ),
        MessageName::Milestone(_) => words(
            "Ihre Bestellung {{orderNumber}} ist zu {{milestone}} % gebaut",
            "gute Nachrichten aus der Werkstatt: {{milestone}} % sind fertig. ({{product}})",
            "{{milestone}} % Ihrer Bestellung {{orderNumber}} sind gebaut.",
        ),
        MessageName::Installation(change) => match change {
            InstallationChange::Scheduled => words(
                "Aufbau zur Bestellung {{orderNumber}} am {{installationDate}}",
                "wir kommen zum Aufbau am {{installationDate}}, {{installationStart}} bis etwa {{installationEnd}} Uhr: {{product}}.",
                "Der Aufbau zu Ihrer Bestellung {{orderNumber}} ist am {{installationDate}} ab {{installationStart}} Uhr.",
            ),
            InstallationChange::Rescheduled => words(
                "Neuer Termin für den Aufbau zur Bestellung {{orderNumber}}",
                "der Aufbau hat einen neuen Termin: {{installationDate}}, {{installationStart}} bis etwa {{installationEnd}} Uhr. ({{product}})",
                "Neuer Termin für den Aufbau zur Bestellung {{orderNumber}}: {{installationDate}} ab {{installationStart}} Uhr.",
            ),
            InstallationChange::Cancelled => words(
                "Der Aufbau zur Bestellung {{orderNumber}} ist abgesagt",
                "der Termin für den Aufbau ist abgesagt: {{product}}. Wir melden uns wegen eines neuen Termins.",
                "Der Aufbau zu Ihrer Bestellung {{orderNumber}} ist abgesagt.",
            ),
        },
    }
}
