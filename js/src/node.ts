export * from './common.js'
export type { EngineOps, OAuthOps } from './generated/ops.js'
export { Database, type DatabaseOptions } from './database.js'
export { monitor, type Monitor } from './monitor.js'
export { OAuth, type OAuthOptions } from './oauth.js'
export type { PusherAuthOptions } from './sync/pusher-auth.js'
export type { Pusher, PusherTrigger } from './sync/pusher.js'
export type { EventsOptions } from './sync/events-route.js'
export type { EventHandler, MessageSender } from './sync/feed.js'
export type { ImportFailure, ImportOptions, ImportProgress } from './sync/import.js'
export type {
  AvailableInstallations,
  InstallationTime,
  RescheduleInstallation,
  ScheduleInstallation,
} from './sync/installations.js'
export type { ManufacturingSource, Pulled, PullOptions } from './sync/manufacturing.js'
export type { Notifications } from './sync/notifications.js'
export type { OrderSyncOptions } from './sync/options.js'
export type { ScheduleHandler, ScheduleOptions, Ticked } from './sync/schedules.js'
export { OrderSync } from './sync/order-sync.js'
