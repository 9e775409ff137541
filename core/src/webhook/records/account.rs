//! What accounts consist of, and how objects are related.

use serde::Serialize;

use super::records;
use crate::{
    ids::{CompanyId, LocationId, UserId},
    webhook::{Json, Texts},
};

records! {
    /// A location was made or changed.
    Location ["LocationCreate", "LocationUpdate"] LocationEvent {
        /// The location; these events name it by `id`.
        id: LocationId = "id",
        /// Its agency.
        #[serde(rename = "companyId")]
        company: CompanyId = "companyId",
        /// Its name.
        name: String = "name",
        /// Its e-mail.
        email: String = "email",
    }

    /// A user was made, changed or deleted.
    User ["UserCreate", "UserUpdate", "UserDelete"] UserEvent {
        /// The user.
        #[serde(rename = "userId")]
        id: UserId = "id",
        /// The agency, of a user of an agency.
        #[serde(rename = "companyId")]
        company: CompanyId = "companyId",
        /// The locations, of a user of an agency.
        locations: Texts = "locations",
        /// The first name.
        first_name: String = "firstName",
        /// The last name.
        last_name: String = "lastName",
        /// The e-mail.
        email: String = "email",
        /// The phone.
        phone: String = "phone",
        /// `admin` or `user`.
        role: String = "role",
        /// What the user may do, as GHL has it.
        permissions: Json = "permissions",
    }

    /// Who has installed the app has changed to another plan.
    PlanChange ["PLAN_CHANGE"] PlanChangeEvent {
        /// The app.
        app_id: String = "appId",
        /// The agency.
        #[serde(rename = "companyId")]
        company: CompanyId = "companyId",
        /// Who did it.
        #[serde(rename = "userId")]
        user: UserId = "userId",
        /// The plan before.
        current_plan_id: String = "currentPlanId",
        /// The plan now.
        new_plan_id: String = "newPlanId",
    }

    /// A kind of relation between objects was made, changed or deleted.
    Association ["AssociationCreate", "AssociationUpdate", "AssociationDelete"] AssociationEvent {
        /// The association.
        #[serde(rename = "associationId")]
        id: String = "id",
        /// Its key.
        key: String = "key",
        /// `USER_DEFINED` or `SYSTEM_DEFINED`.
        association_type: String = "associationType",
        /// What stands on one side.
        first_object_key: String = "firstObjectKey",
        /// How that side is called.
        first_object_label: String = "firstObjectLabel",
        /// What stands on the other side.
        second_object_key: String = "secondObjectKey",
        /// How that side is called.
        second_object_label: String = "secondObjectLabel",
    }

    /// Two records were related, or are no longer.
    Relation ["RelationCreate", "RelationDelete"] RelationEvent {
        /// The relation.
        #[serde(rename = "relationId")]
        id: String = "id",
        /// Which kind of relation it is.
        association_id: String = "associationId",
        /// What the first record is.
        first_object_key: String = "firstObjectKey",
        /// The first record.
        first_record_id: String = "firstRecordId",
        /// What the second record is.
        second_object_key: String = "secondObjectKey",
        /// The second record.
        second_record_id: String = "secondRecordId",
    }

    /// A kind of custom object was made or changed.
    ObjectSchema ["ObjectSchemaCreate", "ObjectSchemaUpdate", "ObjectSchemaDelete"] ObjectSchemaEvent {
        /// The schema.
        #[serde(rename = "schemaId")]
        id: String = "id",
        /// Its key.
        key: String = "key",
        /// Singular and plural of its name.
        labels: Json = "labels",
        /// Its description.
        description: String = "description",
        /// `USER_DEFINED` or `SYSTEM_DEFINED`.
        object_type: String = "objectType",
        /// The property that stands for a record.
        primary_display_property: String = "primaryDisplayProperty",
        /// The properties that are searched.
        searchable_properties: Texts = "searchableProperties",
    }

    /// A record of a custom object was made, changed or deleted.
    Record ["RecordCreate", "RecordUpdate", "RecordDelete"] RecordEvent {
        /// The record.
        #[serde(rename = "recordId")]
        id: String = "id",
        /// What it is a record of.
        object_key: String = "objectKey",
        /// Its properties, as GHL has them.
        properties: Json = "properties",
        /// Who follows it.
        followers: Texts = "followers",
        /// Whom it belongs to.
        owner: Json = "owner",
    }
}
