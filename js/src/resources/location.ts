import type { CallOptions } from '../call.js'
import type {
  CustomFieldDefinition,
  CustomFieldModel,
  Location,
  NewCustomField,
  Pipeline,
  Tag,
  User,
  UserSearch,
} from '../generated/types.js'
import type { Pages } from '../pages.js'
import { Resource } from './resource.js'

/** The pipelines of a location. */
export class Pipelines extends Resource {
  /** The pipelines, each with its stages in their order. */
  list(options?: CallOptions): Promise<Pipeline[]> {
    return this.call('pipelines.list', {}, options)
  }
}

/** The custom fields of a location. */
export class CustomFields extends Resource {
  /** The fields of contacts or of opportunities. */
  list(model: CustomFieldModel, options?: CallOptions): Promise<CustomFieldDefinition[]> {
    return this.call('customFields.list', { model }, options)
  }

  /** Creates a field. GHL makes its key from the name. */
  create(customField: NewCustomField, options?: CallOptions): Promise<CustomFieldDefinition> {
    return this.call('customFields.create', { customField }, options)
  }
}

/** The tags of a location. */
export class Tags extends Resource {
  /** The tags that the location knows. */
  list(options?: CallOptions): Promise<Tag[]> {
    return this.call('tags.list', {}, options)
  }

  /** Creates a tag. */
  create(name: string, options?: CallOptions): Promise<Tag> {
    return this.call('tags.create', { name }, options)
  }
}

/** The users of a location, its employees. */
export class Users extends Resource {
  /** Finds users. */
  search(search: UserSearch, options?: CallOptions): Pages<User, UserSearch> {
    return this.pages('users.search', search, options)
  }
}

/** The location itself. */
export class Locations extends Resource {
  /** Reads the location. */
  get(options?: CallOptions): Promise<Location> {
    return this.call('locations.get', {}, options)
  }
}
