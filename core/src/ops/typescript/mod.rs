//! The TypeScript of what crosses the border, composed from the tables of operations and the types in them.

mod docs;
mod layout;

use std::collections::BTreeSet;

use serde_json::Value;
use ts_rs::{Config, TS, TypeVisitor};

use super::{
    client::{self, CallOptions},
    database, engine,
    feed::FeedItem,
    oauth, pure,
};
use crate::{
    api::Extra,
    client::CallEvent,
    config::{ClientOptions, ConfigOptions, DatabaseSettings, OAuthOptions},
    error::ErrorJson,
    observation::Observation,
    order::{ModelSpec, OrderData},
    sync::Receipt,
    webhook::Event,
};

/// What there is to say of one operation.
#[derive(Clone, Copy)]
pub struct OpPage {
    /// Its name.
    pub name: &'static str,
    /// The HTTP method and path, or `function`.
    pub route: fn() -> String,
    /// What it does, in one line.
    pub meaning: &'static str,
    pub(super) args: fn(&Config) -> String,
    pub(super) reply: fn(&Config) -> String,
    pub(super) types: fn(&mut Types),
}

/// The operations of one table.
pub struct Table {
    /// The name of its TypeScript interface.
    pub interface: &'static str,
    /// What it holds.
    pub meaning: &'static str,
    /// Its operations.
    pub ops: Vec<OpPage>,
}

/// Every table of operations.
pub fn tables() -> [Table; 5] {
    [
        Table { interface: "ClientOps", meaning: "Operations of GHL's API, by name.", ops: client::pages() },
        Table { interface: "PureOps", meaning: "Functions without I/O, by name.", ops: pure::pages() },
        Table {
            interface: "EngineOps",
            meaning: "Operations of the sync engine, by name.",
            ops: engine::pages(),
        },
        Table {
            interface: "OAuthOps",
            meaning: "Operations of an app's installations, by name.",
            ops: oauth::pages(),
        },
        Table {
            interface: "DatabaseOps",
            meaning: "Operations of a database by itself, by name.",
            ops: database::pages(),
        },
    ]
}

const HEADER: &str = "// Generated from the Rust types by `cargo xtask types`: do not edit.\n\n";

/// The text of `types.ts`: every type that crosses the border.
pub fn types() -> String {
    let mut text = HEADER.to_owned();
    for (_, declaration) in Types::all().0 {
        text += &layout::declaration(&declaration);
        text.push('\n');
    }
    text.truncate(text.trim_end().len() + 1);
    text
}

/// The text of `ops.ts`: for each table an interface from an operation's name to its arguments and reply.
pub fn ops() -> String {
    let config = config();
    let mut interfaces = String::new();
    for Table { interface, meaning, ops } in tables() {
        let member = |op: OpPage| {
            // What may be any JSON is `unknown` to its users.
            let reply = (op.reply)(&config).replace(&Value::ident(&config), "unknown");
            let args = (op.args)(&config);
            let route = (op.route)();
            let route = if route == "function" { String::new() } else { format!("\n * `{route}`") };
            format!("/**\n *{}{route}\n */\n\"{}\": {{ args: {args}, reply: {reply} }},", op.meaning, op.name)
        };
        let members: String = ops.into_iter().map(member).collect();
        interfaces += "\n";
        interfaces += &layout::declaration(&format!(
            "/**\n * {meaning}\n */\nexport interface {interface} {{{members}}}"
        ));
    }
    let used = |name: &String| interfaces.split(|c: char| !c.is_alphanumeric()).any(|word| word == name);
    let names = Types::all().0.into_iter().map(|(name, _)| name).filter(used);
    let names: String = names.map(|name| format!("  {name},\n")).collect();
    format!("{HEADER}import type {{\n{names}}} from './types.js'\n{interfaces}")
}

fn config() -> Config {
    Config::new().with_large_int("number")
}

/// Names and declarations of types. A name that two types share stands here twice, which TypeScript refuses.
#[derive(Default)]
pub(super) struct Types(BTreeSet<(String, String)>);

impl Types {
    /// What the operations need, and what is handed over beside them.
    fn all() -> Self {
        let mut types = Self::default();
        for table in tables() {
            table.ops.iter().for_each(|op| (op.types)(&mut types));
        }
        types.add::<CallEvent<'static>>();
        types.add::<CallOptions>();
        types.add::<ClientOptions>();
        types.add::<ConfigOptions>();
        types.add::<ErrorJson<'static>>();
        types.add::<Event>();
        types.add::<FeedItem<'static>>();
        types.add::<ModelSpec>();
        types.add::<OAuthOptions>();
        types.add::<DatabaseSettings>();
        types.add::<Observation<'static>>();
        types.add::<OrderData>();
        types.add::<Receipt>();
        types
    }

    /// Adds a type and all that it is made of.
    pub(super) fn add<T: TS + ?Sized + 'static>(&mut self) {
        // A type with a declaration of its own knows a file for it; others are `string` and the like.
        if T::output_path().is_some() {
            let config = config();
            let (name, code, any) = (T::ident(&config), T::decl(&config), Value::ident(&config));
            let declaration = format!("{}export {code}", T::docs().unwrap_or_default());
            // What may be any JSON is `unknown` to its users, and so are the values of what is kept beside.
            let extra = Extra::inline_flattened(&config);
            let declaration = declaration.replace(&extra, "{ [key: string]: unknown }");
            let declaration = declaration.replace(&any, "unknown");
            if name != any && self.0.insert((name, declaration)) {
                T::visit_dependencies(self);
            }
        }
        T::visit_generics(self);
    }

    /// Adds what a type is made of, but not the type.
    pub(super) fn add_parts_of<T: TS + ?Sized + 'static>(&mut self) {
        T::visit_dependencies(self);
    }
}

impl TypeVisitor for Types {
    fn visit<T: TS + ?Sized + 'static>(&mut self) {
        self.add::<T>();
    }
}
