/// Texts of which there are a few, as an enum.
///
/// ```text
/// words! {
///     /// The direction of a sort.
///     pub enum Direction { /// The least first.
///         Asc = "asc", … }
/// }
/// ```
macro_rules! words {
    (
        $(#$meta:tt)*
        pub enum $name:ident { $($(#$of:tt)* $variant:ident = $word:literal,)+ }
    ) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        $(#$meta)*
        pub enum $name {
            $($(#$of)* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// GHL's spelling.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl $crate::api::shape::Shaped for $name {
            const SHAPE: $crate::api::shape::Shape = $crate::api::shape::Shape::Word(&[$($word),+]);
        }
    };
}
pub(crate) use words;

/// An object that callers give: these members and no other. An [`Option`] may be left out; so may what has a
/// default, `= 100`, which `serde` is told too (`number::<100>`), or `= []` for a list that is left out when empty. `as` gives a member another name than its
/// field's, `in` a query's parameter another than the member's.
///
/// ```text
/// input! {
///     /// Which contacts to find.
///     pub struct ContactSearch {
///         /// Words to look for.
///         pub query in "q": Option<String>,
///         /// Conditions; all must hold.
///         pub filters: Vec<Filter> = [],
///     }
/// }
/// ```
macro_rules! input {
    ($(#$meta:tt)* pub struct $name:ident { $($fields:tt)* }) => {
        $crate::api::shape::input! { @fields [$(#$meta)* pub struct $name] [] [] $($fields)* }
    };
    (@fields [$(#$meta:tt)* pub struct $name:ident] [$($fields:tt)*] [$($shapes:tt)*]) => {
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        $(#$meta)*
        pub struct $name { $($fields)* }

        impl $crate::api::shape::Shaped for $name {
            const SHAPE: $crate::api::shape::Shape = $crate::api::shape::Shape::Input(
                &$crate::api::shape::Input { fields: &[$($shapes)*], check: None },
            );
        }
    };
    (
        @fields $head:tt [$($fields:tt)*] [$($shapes:tt)*]
        $(#$of:tt)* pub $field:ident $(as $own:literal)? $(in $wire:literal)?: $type:ty = [], $($rest:tt)*
    ) => {
        $crate::api::shape::input! {
            @fields $head
            [
                $($fields)*
                $(#$of)*
                #[serde(default, $(rename = $own,)? skip_serializing_if = "Vec::is_empty")]
                #[cfg_attr(feature = "ts", ts(optional, as = "Option<_>"))]
                pub $field: $type,
            ]
            [
                $($shapes)*
                $crate::api::shape::input!(
                    @shape $type, $crate::api::shape::When::Listed, $field [$($own)?] $($wire)?
                ),
            ]
            $($rest)*
        }
    };
    (
        @fields $head:tt [$($fields:tt)*] [$($shapes:tt)*]
        $(#$of:tt)* pub $field:ident $(as $own:literal)? $(in $wire:literal)?: $type:ty = $default:literal,
        $($rest:tt)*
    ) => {
        $crate::api::shape::input! {
            @fields $head
            [
                $($fields)*
                $(#$of)*
                $(#[serde(rename = $own)])?
                #[cfg_attr(feature = "ts", ts(optional, as = "Option<_>"))]
                pub $field: $type,
            ]
            [
                $($shapes)*
                $crate::api::shape::input!(
                    @shape $type, $crate::api::shape::When::Else(stringify!($default)), $field [$($own)?] $($wire)?
                ),
            ]
            $($rest)*
        }
    };
    (
        @fields $head:tt [$($fields:tt)*] [$($shapes:tt)*]
        $(#$of:tt)* pub $field:ident $(as $own:literal)? $(in $wire:literal)?: $type:ty, $($rest:tt)*
    ) => {
        $crate::api::shape::input! {
            @fields $head
            [
                $($fields)*
                $(#$of)*
                #[serde($(rename = $own,)? skip_serializing_if = "crate::api::shape::Shaped::absent")]
                pub $field: $type,
            ]
            [
                $($shapes)*
                $crate::api::shape::input!(
                    @shape $type, <$type as $crate::api::shape::Shaped>::WHEN, $field [$($own)?] $($wire)?
                ),
            ]
            $($rest)*
        }
    };
    (@shape $type:ty, $when:expr, $field:ident [$($own:literal)?] $($wire:literal)?) => {
        $crate::api::shape::Field {
            name: $crate::api::shape::input!(@first $($own)? ; $field),
            wire: $crate::api::shape::input!(@first $($wire)? $($own)? ; $field),
            shape: <$type as $crate::api::shape::Shaped>::SHAPE,
            when: $when,
            goes: $crate::api::shape::Goes::Usual,
        }
    };
    (@first ; $field:ident) => { $crate::api::shape::camel_case!($field) };
    (@first $name:literal $($other:literal)* ; $field:ident) => { $name };
}
pub(crate) use input;

/// An object that GHL answers, read leniently. Each field says how it is taken (see [`How`](super::How)), and from
/// which properties where these have other names. `..extra` keeps what was not taken; `or null` reads null as an
/// object without properties.
///
/// ```text
/// reply! {
///     /// A tag.
///     pub struct Tag {
///         /// Its id.
///         pub id: String = need,
///         /// When it was created.
///         pub created_at_ms: Option<i64> = time("createdAt", "dateAdded"),
///         ..extra
///     }
/// }
/// ```
macro_rules! reply {
    (
        $(#$meta:tt)*
        pub struct $name:ident $(or $null:ident)? {
            $($(#$of:tt)* pub $field:ident $(as $own:literal)?: $type:ty = $how:ident $(($($from:literal),+))?,)*
            $(..$extra:ident)?
        }
    ) => {
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
        #[serde(rename_all = "camelCase")]
        $(#$meta)*
        pub struct $name {
            $(
                $(#$of)*
                #[serde($(rename = $own,)? skip_serializing_if = "crate::api::shape::Shaped::absent")]
                pub $field: $type,
            )*
            $(
                /// Everything else.
                #[serde(flatten)]
                pub $extra: $crate::api::Extra,
            )?
        }

        impl $crate::api::shape::Shaped for $name {
            const SHAPE: $crate::api::shape::Shape = $crate::api::shape::Shape::Reply(
                &$crate::api::shape::Reply {
                    fields: &[$($crate::api::shape::Taken {
                        name: $crate::api::shape::input!(@first $($own)? ; $field),
                        from: $crate::api::shape::reply!(@from [$($($from),+)?] [$($own)?] $field),
                        how: $crate::api::shape::reply!(@how $how),
                        shape: <$type as $crate::api::shape::Shaped>::SHAPE,
                    },)*],
                    extra: $crate::api::shape::reply!(@is $($extra)?),
                    nullable: $crate::api::shape::reply!(@is $($null)?),
                },
            );
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let nullable = $crate::api::shape::reply!(@is $($null)?);
                #[allow(unused_mut, reason = "there may be nothing to take")]
                let mut fields = $crate::api::fields::Fields::of(deserializer, nullable)?;
                Ok(Self {
                    $($field: {
                        let from: &'static [&'static str] =
                            $crate::api::shape::reply!(@from [$($($from),+)?] [$($own)?] $field);
                        $crate::api::shape::reply!(@take $how fields from D)
                    },)*
                    $($extra: fields.rest(),)?
                })
            }
        }
    };
    (@from [$($from:literal),+] $own:tt $field:ident) => { &[$($from),+] };
    (@from [] [$own:literal] $field:ident) => { &[$own] };
    (@from [] [] $field:ident) => { &[$crate::api::shape::camel_case!($field)] };
    (@is) => { false };
    (@is $yes:ident) => { true };
    (@how need) => { $crate::api::shape::How::Need };
    (@how text) => { $crate::api::shape::How::Text };
    (@how time) => { $crate::api::shape::How::Time };
    (@how take) => { $crate::api::shape::How::Take };
    (@how or_yes) => { $crate::api::shape::How::Else("true") };
    (@how or_null) => { $crate::api::shape::How::Else("null") };
    (@how list) => { $crate::api::shape::How::List };
    (@how ordered) => { $crate::api::shape::How::Ordered };
    (@how maybe) => { $crate::api::shape::How::Maybe };
    (@how whole) => { $crate::api::shape::How::Whole };
    (@how look) => { $crate::api::shape::How::Look };
    (@take need $fields:ident $from:ident $d:ident) => { $fields.need::<$d::Error>($from)?.into() };
    (@take text $fields:ident $from:ident $d:ident) => { $fields.text($from).map(Into::into) };
    (@take time $fields:ident $from:ident $d:ident) => { $fields.time_ms($from) };
    (@take take $fields:ident $from:ident $d:ident) => { $fields.take($from) };
    (@take or_yes $fields:ident $from:ident $d:ident) => { $fields.take($from).unwrap_or(true) };
    (@take or_null $fields:ident $from:ident $d:ident) => { $fields.take($from).unwrap_or_default() };
    (@take list $fields:ident $from:ident $d:ident) => { $fields.list::<_, $d::Error>($from)? };
    (@take ordered $fields:ident $from:ident $d:ident) => { $fields.ordered::<_, $d::Error>($from)? };
    (@take maybe $fields:ident $from:ident $d:ident) => { $fields.maybe::<_, $d::Error>($from)? };
    (@take whole $fields:ident $from:ident $d:ident) => { $fields.whole::<_, $d::Error>($from)? };
    (@take look $fields:ident $from:ident $d:ident) => { $fields.look($from).unwrap_or_default() };
}
pub(crate) use reply;
