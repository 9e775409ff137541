//! The lines about the database.

use super::DoctorCheck;
use crate::{error::Result, ports::store::Inspection};

const NAMES: [&str; 3] = ["database", "migrations", "database_rights"];

pub(super) fn lines(found: &Result<Inspection>) -> Vec<DoctorCheck> {
    let [database, migrations, rights] = NAMES;
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            let fix = "see that the database runs, that its address is right and that it may be written to";
            return vec![
                DoctorCheck::failed(database, error.message(), fix),
                DoctorCheck::skipped(migrations, "the database comes first"),
                DoctorCheck::skipped(rights, "the database comes first"),
            ];
        }
    };
    if found.kind.is_empty() {
        let fix = "open the engine on SQLite or PostgreSQL where orders matter";
        return vec![
            DoctorCheck::warning(database, "memory: what is under way ends with the process", fix),
            DoctorCheck::skipped(migrations, "memory has none"),
            DoctorCheck::skipped(rights, "memory has none"),
        ];
    }
    vec![DoctorCheck::ok(database, found.kind), migrated(migrations, found), allowed(rights, found)]
}

fn migrated(name: &'static str, found: &Inspection) -> DoctorCheck {
    let Inspection { applied, pending, newer, .. } = found;
    if *newer {
        let detail = "a newer version of ghlkit has migrated the database";
        return DoctorCheck::failed(name, detail, "use that version, or one that is newer still");
    }
    if *pending == 0 {
        return DoctorCheck::ok(name, format!("all {applied} were applied"));
    }
    let detail = format!("{applied} were applied, {pending} are not yet");
    DoctorCheck::warning(
        name,
        detail,
        "they are applied as the engine is opened, by a role that may create tables",
    )
}

fn allowed(name: &'static str, found: &Inspection) -> DoctorCheck {
    if found.lacking.is_empty() {
        return DoctorCheck::ok(name, "what is needed may be read and written");
    }
    let grants: Vec<String> = found.lacking.iter().map(|lacking| format!("GRANT {lacking} TO …;")).collect();
    DoctorCheck::failed(name, format!("the role lacks {}", found.lacking.join(", ")), grants.join(" "))
}
