export type { RawBody } from './bytes.js'
export type { Env } from './env.js'
export * from './errors.js'
export type { WebhookDetails, WebhookEvent } from './event.js'
export type * from './generated/types.js'
export type { HeadersInput } from './headers.js'
export {
  StatusModel,
  milestonesCrossed,
  progressFor,
  stageForStatus,
  statusForStage,
  type DefaultStatus,
  type ProgressOptions,
  type StatusModelOptions,
} from './status.js'
export { webhooks, type ConstructOptions, type TestSigner, type Verifier } from './webhooks.js'
