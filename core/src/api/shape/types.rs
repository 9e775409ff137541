use serde_json::Value;

use super::{Shape, When};
use crate::{
    api::{ExactNumber, FieldValue},
    ids::{
        CalendarId, CompanyId, ContactId, ConversationId, CustomFieldId, CustomValueId, EventId, LocationId,
        MessageId, NoteId, OpportunityId, PaymentOrderId, PipelineId, StageId, TagId, TaskId, UserId,
        WorkflowId,
    },
    ports::Method,
};

/// A type that has a shape.
pub(crate) trait Shaped {
    const SHAPE: Shape;
    /// What it means that a member of an object of this type is not given.
    const WHEN: When = When::Needed;

    /// Whether it is left out of an object.
    fn absent(&self) -> bool {
        false
    }
}

macro_rules! shaped {
    ($($type:ty: $shape:expr,)+) => {$(
        impl Shaped for $type {
            const SHAPE: Shape = $shape;
        }
    )+};
}

shaped! {
    String: Shape::Text,
    bool: Shape::Bool,
    i64: Shape::Whole,
    u32: Shape::Count,
    ExactNumber: Shape::Exact,
    FieldValue: Shape::Custom,
    Value: Shape::Any,
    Method: Shape::Word(&["GET", "POST", "PUT", "DELETE"]),
    NoteId: Shape::Id,
    TaskId: Shape::Id,
    WorkflowId: Shape::Id,
    TagId: Shape::Id,
    CustomValueId: Shape::Id,
    EventId: Shape::Id,
    ConversationId: Shape::Id,
    MessageId: Shape::Id,
    PaymentOrderId: Shape::Id,
    CalendarId: Shape::Id,
    CompanyId: Shape::Id,
    ContactId: Shape::Id,
    CustomFieldId: Shape::Id,
    LocationId: Shape::Id,
    OpportunityId: Shape::Id,
    PipelineId: Shape::Id,
    StageId: Shape::Id,
    UserId: Shape::Id,
}

impl<T: Shaped> Shaped for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    const WHEN: When = When::Optional;

    fn absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Shaped> Shaped for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
}

/// A default that is not zero, as `serde` asks for it.
pub(crate) fn number<const N: u32>() -> u32 {
    N
}
