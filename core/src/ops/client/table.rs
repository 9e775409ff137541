//! [`requests!`](requests) writes a table of operations that are one request each, as data.

/// ```text
/// requests! {
///     /// Reads a contact.
///     "contacts.get" contacts::GET {
///         /// The contact.
///         contact_id: ContactId,
///     } -> Contact;
///
///     /// A page of contacts.
///     "contacts.search" contacts::SEARCH (ContactSearch) -> Page<Contact, ContactSearch> = contacts::PAGING;
/// }
/// ```
///
/// A row is: one line of documentation; the name; the route; the arguments, in braces as the fields of a struct
/// made for this row, or in parentheses as a type that exists; the type of the reply; for a search, how it is
/// paged. An argument that the path names goes there; the others go into the query of a GET and into the body of
/// others. `@spread` puts the members of one there in its place, `@query` puts it into the query, `in` gives it
/// the name it has there. `where` checks what the types cannot say.
macro_rules! requests {
    ($(
        $(#[doc = $doc:literal])+
        $name:literal $endpoint:path, $args:tt -> $reply:ty $(= $paging:expr)? $(, where $check:expr)?;
    )*) => {
        pub(super) const OPS: &[$crate::ops::table::Op<$crate::ops::client::request::Run>] = &[$({
            $crate::ops::client::table::requests!(@args $args [$($check)?]);
            $crate::ops::table::Op {
                name: $name,
                run: $crate::ops::client::request::Run::Request($crate::ops::client::request::Request {
                    endpoint: &$endpoint,
                    args: match <Args as $crate::api::shape::Shaped>::SHAPE {
                        $crate::api::shape::Shape::Input(input) => input,
                        _ => panic!("arguments are an object"),
                    },
                    reply: <$reply as $crate::api::shape::Shaped>::SHAPE,
                    paging: $crate::ops::client::table::requests!(@option $($paging)?),
                }),
                #[cfg(feature = "ts")]
                page: $crate::ops::table::ops!(
                    @page $name, || $endpoint.route(), concat!($($doc),+), $args, $reply
                ),
            }
        }),*];
    };
    (@args { $($(#[$meta:meta])* $(@$goes:ident)? $field:ident $(in $wire:literal)?: $type:ty),* $(,)? } [$($check:expr)?]) => {
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename_all = "camelCase"))]
        #[allow(dead_code, reason = "arguments are read by their shape; where there are none, nothing is unused")]
        struct Args { $($(#[$meta])* $field: $type,)* }

        impl $crate::api::shape::Shaped for Args {
            const SHAPE: $crate::api::shape::Shape = $crate::api::shape::Shape::Input(
                &$crate::api::shape::Input {
                    fields: &[$($crate::api::shape::Field {
                        name: $crate::api::shape::camel_case!($field),
                        wire: $crate::api::shape::input!(@first $($wire)? ; $field),
                        shape: <$type as $crate::api::shape::Shaped>::SHAPE,
                        when: <$type as $crate::api::shape::Shaped>::WHEN,
                        goes: $crate::ops::client::table::requests!(@goes $($goes)?),
                    },)*],
                    check: $crate::ops::client::table::requests!(@option $($check)?),
                },
            );
        }
    };
    (@args ($type:ty) []) => { type Args = $type; };
    (@goes) => { $crate::api::shape::Goes::Usual };
    (@goes query) => { $crate::api::shape::Goes::Query };
    (@goes spread) => { $crate::api::shape::Goes::Spread };
    (@option) => { None };
    (@option $some:expr) => { Some($some) };
}
pub(super) use requests;
