//! Users of a location: two installers and somebody in the office.

use serde_json::{Value, json};

use crate::auth::Access;
use crate::http::{Answer, Handled};
use crate::ids::Rng;
use crate::model::Ghl;
use crate::routes::{Call, Route};

/// One user.
#[derive(Clone, Debug)]
pub struct User {
    /// Opaque id.
    pub id: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// `admin` or `user`.
    pub role: String,
}

pub(crate) const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        pattern: "/users/search",
        access: Access::Either,
        scope: "users.readonly",
        handler: search,
    },
    Route {
        method: "GET",
        pattern: "/users/{userId}",
        access: Access::Either,
        scope: "users.readonly",
        handler: get,
    },
];

pub(crate) fn staff(rng: &mut Rng) -> Vec<User> {
    let people = [("Anna", "Berg", "admin"), ("Mikko", "Laine", "user"), ("Jonas", "Keller", "user")];
    let user = |(first, last, role): (&str, &str, &str)| User {
        id: rng.opaque(),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        role: role.to_owned(),
    };
    people.map(user).into()
}

impl User {
    /// Given and family name.
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    fn to_json(&self, location_id: &str) -> Value {
        json!({
            "id": self.id,
            "name": self.name(),
            "firstName": self.first_name,
            "lastName": self.last_name,
            "email": format!("{}@example.com", self.first_name.to_lowercase()),
            "phone": "",
            "extension": "",
            "roles": { "type": "account", "role": self.role, "locationIds": [location_id] },
            "deleted": false,
        })
    }
}

fn search(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    if call.required_query("companyId")? != ghl.settings.company_id {
        return Err(Answer::unauthorized("Token's user type mismatch!"));
    }
    let own = call.session.and_then(|session| session.location_id.as_deref());
    let wanted = call.query("locationId").or(own);
    if let Some(location_id) = wanted {
        call.require_location(location_id)?;
    }
    let (skip, limit) = (call.number("skip", 0, usize::MAX)?, call.number("limit", 25, 100)?);
    let (query, role) = (call.query("query").unwrap_or_default().to_lowercase(), call.query("role"));
    let found: Vec<_> = ghl
        .locations
        .iter()
        .filter(|(id, _)| wanted.is_none_or(|wanted| wanted == id.as_str()))
        .flat_map(|(id, location)| location.users.iter().map(move |user| (id, user)))
        .filter(|(_, user)| user.name().to_lowercase().contains(&query))
        .filter(|(_, user)| role.is_none_or(|role| role == user.role))
        .map(|(id, user)| user.to_json(id))
        .collect();
    let users: Vec<_> = found.iter().skip(skip).take(limit).collect();
    Ok(Answer::ok(json!({ "users": users, "count": found.len() })))
}

fn get(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let mut all =
        ghl.locations.iter().flat_map(|(id, location)| location.users.iter().map(move |user| (id, user)));
    match all.find(|(_, user)| user.id == call.path(0)) {
        Some((location_id, user)) => {
            call.require_location(location_id)?;
            Ok(Answer::ok(user.to_json(location_id)))
        }
        None => Err(ghl.missing("User", call.path(0))),
    }
}
