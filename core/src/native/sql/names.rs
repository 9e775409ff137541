use crate::error::{Error, Result};

/// Names of the users' tables, and of the columns of their `orders`. Each is a letter or underscore and
/// up to 62 more letters, digits and underscores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableNames {
    /// The shop's orders. Made when absent, and then inserted into; never inserted into when it was there.
    pub orders: String,
    /// Its id: text (a uuid too) or integer.
    pub id: String,
    /// Its status: the authoritative one.
    pub status: String,
    /// Its contact in GHL.
    pub ghl_contact_id: String,
    /// Its opportunity in GHL.
    pub ghl_opportunity_id: String,
    /// Its installation appointment in GHL.
    pub ghl_appointment_id: String,
    /// `pending`, `synced`, `failed` or `detached`.
    pub ghl_sync_status: String,
    /// When it was last in step, in UTC.
    pub ghl_last_sync: String,
    /// When it is installed, in UTC.
    pub installation_date: String,
    /// How far the installation is.
    pub installation_status: String,
    /// The log of pushes and pulls.
    pub crm_sync_log: String,
    /// Readable copies of received webhooks, shared with other sources.
    pub webhook_events: String,
}

impl Default for TableNames {
    fn default() -> Self {
        Self {
            orders: "orders".to_owned(),
            id: "id".to_owned(),
            status: "status".to_owned(),
            ghl_contact_id: "ghl_contact_id".to_owned(),
            ghl_opportunity_id: "ghl_opportunity_id".to_owned(),
            ghl_appointment_id: "ghl_appointment_id".to_owned(),
            ghl_sync_status: "ghl_sync_status".to_owned(),
            ghl_last_sync: "ghl_last_sync".to_owned(),
            installation_date: "installation_date".to_owned(),
            installation_status: "installation_status".to_owned(),
            crm_sync_log: "crm_sync_log".to_owned(),
            webhook_events: "webhook_events".to_owned(),
        }
    }
}

impl TableNames {
    fn all(&self) -> [(&'static str, &str); 12] {
        [
            ("orders", &self.orders),
            ("id", &self.id),
            ("status", &self.status),
            ("ghl_contact_id", &self.ghl_contact_id),
            ("ghl_opportunity_id", &self.ghl_opportunity_id),
            ("ghl_appointment_id", &self.ghl_appointment_id),
            ("ghl_sync_status", &self.ghl_sync_status),
            ("ghl_last_sync", &self.ghl_last_sync),
            ("installation_date", &self.installation_date),
            ("installation_status", &self.installation_status),
            ("crm_sync_log", &self.crm_sync_log),
            ("webhook_events", &self.webhook_events),
        ]
    }

    /// # Errors
    /// `config` naming the first name that is not an identifier.
    pub(in crate::native) fn validate(&self) -> Result<()> {
        match self.all().into_iter().find(|(_, name)| !is_identifier(name)) {
            Some((key, name)) => Err(Error::config(
                format!("tables.{key}"),
                format_args!(
                    "the name of a table or column in the database; expected a letter or underscore and \
                     at most 62 more letters, digits or underscores, got {name:?}"
                ),
            )),
            None => Ok(()),
        }
    }

    /// Puts the names, quoted, where a template says `{orders}`, `{id}` and so on. Validated names need
    /// no escaping.
    pub(in crate::native) fn render(&self, template: &str) -> String {
        self.all().into_iter().fold(template.to_owned(), |sql, (key, name)| {
            sql.replace(&format!("{{{key}}}"), &format!("\"{name}\""))
        })
    }
}

fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && name.len() <= 63
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_name_that_is_no_identifier_is_refused_by_its_setting() {
        for bad in ["", "1st", "a b", "a\"b", "a;b", "é", "a.b", &"x".repeat(64)] {
            let names = TableNames { id: bad.to_owned(), ..TableNames::default() };
            let error = names.validate().unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Config, Some("tables.id")), "{bad:?}");
        }
        for good in ["_", "Order_Rows2", &"x".repeat(63)] {
            TableNames { orders: good.to_owned(), ..TableNames::default() }.validate().unwrap();
        }
    }

    #[test]
    fn names_are_quoted_where_the_template_has_them() {
        let names = TableNames { orders: "Shop".to_owned(), ..TableNames::default() };
        assert_eq!(names.render("SELECT {id} FROM {orders}"), r#"SELECT "id" FROM "Shop""#);
    }
}
