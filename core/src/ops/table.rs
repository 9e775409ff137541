//! What a table of operations is made of: [`ops!`](ops) writes one, [`find`] looks a name up in it.

use super::args::unknown;
use crate::error::Result;

/// One operation: its name, and what runs it. `R` is a function pointer of the table's own choice.
pub(super) struct Op<R: 'static> {
    pub(super) name: &'static str,
    pub(super) run: R,
    #[cfg(feature = "ts")]
    pub(super) page: super::typescript::OpPage,
}

/// The operation of a name.
///
/// # Errors
/// `invalid_argument`, field `op`, listing what there is.
pub(super) fn find<'a, R>(tables: &[&'a [Op<R>]], name: &str) -> Result<&'a Op<R>> {
    let mut ops = tables.iter().copied().flatten();
    ops.find(|op| op.name == name).ok_or_else(|| unknown(name, &names(tables)))
}

/// The names of all operations, in the order of the tables.
pub(super) fn names<R>(tables: &[&[Op<R>]]) -> Vec<&'static str> {
    tables.iter().copied().flatten().map(|op| op.name).collect()
}

/// What there is to say of all operations, in the order of the tables.
#[cfg(feature = "ts")]
pub(super) fn pages<R>(tables: &[&[Op<R>]]) -> Vec<super::typescript::OpPage> {
    tables.iter().copied().flatten().map(|op| op.page).collect()
}

/// Writes a table of operations: a constant slice of [`Op`].
///
/// ```text
/// type Run = fn(&LocationId, &str) -> Result<Prepared>;       // what `Op::run` is in this table
///
/// ops! {
///     pub(super) const OPS: Run;
///
///     /// Reads a contact.
///     "contacts.get" "GET /contacts/{contactId}" {
///         /// The contact.
///         contact_id: ContactId,
///     } -> Contact = request(|_, args| contacts::get(&args.contact_id));
///
///     /// A page of contacts.
///     "contacts.search" "POST /contacts/search" (ContactSearch) -> Page<Contact, ContactSearch>
///         = page(contacts::search, split);
/// }
/// ```
///
/// A row is: one line of documentation; the name; the HTTP method and path, or `"function"`; the arguments,
/// in braces as the fields of a struct made for this row, or in parentheses as a type that exists; the type
/// of the reply; what runs it. That is a call without its first two arguments: `request(f)` becomes
/// `|context, json| request::<Args, Reply>(context, json, f)`, where `context` is what the table's functions
/// take before the JSON of the arguments. Where `Op::run` is no function, `const OPS: Run = Wrap;` says what makes
/// it of one. A closure inside knows the type of its arguments from there.
macro_rules! ops {
    ($vis:vis const $table:ident: $run:ty; $($rows:tt)*) => {
        $crate::ops::table::ops! { $vis const $table: $run = std::convert::identity::<$run>; $($rows)* }
    };
    (
        $vis:vis const $table:ident: $run:ty = $wrap:path;
        $(
            $(#[doc = $doc:literal])+
            $name:literal $route:literal $args:tt -> $reply:ty = $runner:ident($($part:expr),+ $(,)?);
        )*
    ) => {
        $vis const $table: &[$crate::ops::table::Op<$run>] = &[$({
            $crate::ops::table::ops!(@args $args);
            $crate::ops::table::Op {
                name: $name,
                run: $wrap(|context, json| $runner::<Args, $reply>(context, json, $($part),+)),
                #[cfg(feature = "ts")]
                page: $crate::ops::table::ops!(@page $name, || $route.to_owned(), concat!($($doc),+), $args, $reply),
            }
        }),*];
    };
    (@page $name:literal, $route:expr, $meaning:expr, $args:tt, $reply:ty) => {
        $crate::ops::typescript::OpPage {
            name: $name,
            route: $route,
            meaning: $meaning,
            args: $crate::ops::table::ops!(@type $args),
            reply: <$reply as ts_rs::TS>::name,
            types: |types| {
                $crate::ops::table::ops!(@types types $args);
                types.add::<$reply>();
            },
        }
    };
    (@args { $($(#[$meta:meta])* $field:ident: $type:ty),* $(,)? }) => {
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename_all = "camelCase"))]
        struct Args { $($(#[$meta])* $field: $type,)* }

        impl $crate::ops::args::Arguments for Args {
            fn read(json: &str) -> $crate::error::Result<Self> {
                let _given = $crate::ops::args::Given::read(json, &[$(stringify!($field)),*])?;
                Ok(Self { $($field: _given.take(stringify!($field))?,)* })
            }
        }
    };
    (@args ($type:ty)) => { type Args = $type; };
    // The arguments of one row stand where they are used; a type that exists is declared by its name.
    (@type { $($fields:tt)* }) => { <Args as ts_rs::TS>::inline };
    (@type ($type:ty)) => { <Args as ts_rs::TS>::name };
    (@types $types:ident { $($fields:tt)* }) => { $types.add_parts_of::<Args>() };
    (@types $types:ident ($type:ty)) => { $types.add::<Args>() };
}
pub(super) use ops;
