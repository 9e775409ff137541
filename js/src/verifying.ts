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
export type { NodeRequest, NodeResponse } from './receiver/node.js'
export type { Receiver, ReceiverOptions, WebhookErrorHandler, WebhookHandler } from './receiver/receiver.js'
export { MemorySeenStore, type SeenKey, type SeenStore } from './receiver/seen.js'
export type { ConstructOptions, Verifier } from './verifier.js'
export { webhooks, type TestSigner } from './webhooks.js'
