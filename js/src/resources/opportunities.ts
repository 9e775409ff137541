import type { CallOptions } from '../call.js'
import type {
  FilteredSearch,
  Followers,
  LostReason,
  LostReasonQuery,
  NewOpportunity,
  Opportunity,
  OpportunityInput,
  OpportunitySearch,
  OpportunityStatus,
  OpportunityUpsert,
  Succeeded,
  UpsertedOpportunity,
} from '../generated/types.js'
import type { Pages } from '../pages.js'
import { Resource } from './resource.js'

/** The opportunities of a location. */
export class Opportunities extends Resource {
  /** Creates an opportunity. A location may forbid a second one for a contact: `DuplicateError`. */
  create(opportunity: NewOpportunity, options?: CallOptions): Promise<Opportunity> {
    return this.call('opportunities.create', { opportunity }, options)
  }

  /** Reads an opportunity. */
  get(opportunityId: string, options?: CallOptions): Promise<Opportunity> {
    return this.call('opportunities.get', { opportunityId }, options)
  }

  /** Changes an opportunity; what is not given stays as it is. */
  update(opportunityId: string, opportunity: OpportunityInput, options?: CallOptions): Promise<Opportunity> {
    return this.call('opportunities.update', { opportunityId, opportunity }, options)
  }

  /** Sets whether an opportunity is open, won, lost or abandoned. */
  updateStatus(opportunityId: string, status: OpportunityStatus, options?: CallOptions): Promise<Succeeded> {
    return this.call('opportunities.updateStatus', { opportunityId, status }, options)
  }

  /** Changes the opportunity of this id or contact, or creates one. A lost reply is not followed by a retry. */
  upsert(opportunity: OpportunityUpsert, options?: CallOptions): Promise<UpsertedOpportunity> {
    return this.call('opportunities.upsert', { opportunity }, options)
  }

  /** Adds employees who follow an opportunity. */
  addFollowers(opportunityId: string, followers: string[], options?: CallOptions): Promise<Followers> {
    return this.call('opportunities.addFollowers', { opportunityId, followers }, options)
  }

  /** Removes employees who follow an opportunity. */
  removeFollowers(opportunityId: string, followers: string[], options?: CallOptions): Promise<Followers> {
    return this.call('opportunities.removeFollowers', { opportunityId, followers }, options)
  }

  /** Why opportunities are lost. */
  lostReasons(query: LostReasonQuery = {}, options?: CallOptions): Pages<LostReason, LostReasonQuery> {
    return this.pages('opportunities.lostReasons', query, options)
  }

  /** Deletes an opportunity. */
  delete(opportunityId: string, options?: CallOptions): Promise<Succeeded> {
    return this.call('opportunities.delete', { opportunityId }, options)
  }

  /** Finds opportunities. The index lags a few seconds behind. */
  search(search: OpportunitySearch = {}, options?: CallOptions): Pages<Opportunity, OpportunitySearch> {
    return this.pages('opportunities.search', search, options)
  }

  /** Finds opportunities by conditions of any kind. The index lags a few seconds behind. */
  searchFiltered(search: FilteredSearch, options?: CallOptions): Pages<Opportunity, FilteredSearch> {
    return this.pages('opportunities.searchFiltered', search, options)
  }
}
