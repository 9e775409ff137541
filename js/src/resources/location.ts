import { parts } from '../args.js'
import type { CallOptions } from '../call.js'
import type {
  CustomFieldDefinition,
  CustomFieldModel,
  CustomValue,
  Location,
  LocationSearch,
  NewCustomField,
  Pipeline,
  Succeeded,
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

  /** Reads a field by its id or its key. */
  get(customFieldId: string, options?: CallOptions): Promise<CustomFieldDefinition> {
    return this.call('customFields.get', { customFieldId }, options)
  }

  /** Changes the name of a field; its key stays. */
  async update(
    customFieldId: string,
    field: { name: string; placeholder?: string },
    options?: CallOptions,
  ): Promise<CustomFieldDefinition> {
    return this.call('customFields.update', { ...parts(field, 'field'), customFieldId }, options)
  }

  /** Deletes a field and all of its values. */
  delete(customFieldId: string, options?: CallOptions): Promise<Succeeded> {
    return this.call('customFields.delete', { customFieldId }, options)
  }
}

/** The custom values of a location. */
export class CustomValues extends Resource {
  /** The values. */
  list(options?: CallOptions): Promise<CustomValue[]> {
    return this.call('customValues.list', {}, options)
  }

  /** Creates a value. */
  create(name: string, value: string, options?: CallOptions): Promise<CustomValue> {
    return this.call('customValues.create', { name, value }, options)
  }

  /** Reads a value. */
  get(customValueId: string, options?: CallOptions): Promise<CustomValue> {
    return this.call('customValues.get', { customValueId }, options)
  }

  /** Changes a value. */
  update(customValueId: string, name: string, value: string, options?: CallOptions): Promise<CustomValue> {
    return this.call('customValues.update', { customValueId, name, value }, options)
  }

  /** Deletes a value. */
  delete(customValueId: string, options?: CallOptions): Promise<Succeeded> {
    return this.call('customValues.delete', { customValueId }, options)
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

  /** Reads a tag. */
  get(tagId: string, options?: CallOptions): Promise<Tag> {
    return this.call('tags.get', { tagId }, options)
  }

  /** Changes the name of a tag. */
  update(tagId: string, name: string, options?: CallOptions): Promise<Tag> {
    return this.call('tags.update', { tagId, name }, options)
  }

  /** Deletes a tag. */
  delete(tagId: string, options?: CallOptions): Promise<Succeeded> {
    return this.call('tags.delete', { tagId }, options)
  }
}

/** The users of a location, its employees. */
export class Users extends Resource {
  /** Reads a user. */
  get(userId: string, options?: CallOptions): Promise<User> {
    return this.call('users.get', { userId }, options)
  }

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

  /** Finds locations of an agency, or those that the token knows. */
  search(search: LocationSearch = {}, options?: CallOptions): Pages<Location, LocationSearch> {
    return this.pages('locations.search', search, options)
  }
}
