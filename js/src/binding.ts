/** A verifier of webhooks, kept in the core. */
export interface VerifierHandle {
  readonly verifier: never
}

/** A client of GHL, kept in the core. */
export interface ClientHandle {
  readonly client: never
}

/** A Socket.IO session, kept in the core. */
export interface SocketHandle {
  readonly socket: never
}

/** What ends a call under way. */
export interface CancelHandle {
  readonly cancel: never
}

/** A sync engine, kept in the core. */
export interface SyncHandle {
  readonly sync: never
}

/** What holds the handle of a database, for what else is opened on it. */
export const HANDLE: unique symbol = Symbol.for('ghlkit.database') as never

/** What holds the handle of an app, for engines and clients that call with its tokens. */
export const APP: unique symbol = Symbol.for('ghlkit.oauth') as never

/** A database, kept in the core. */
export interface DatabaseHandle {
  readonly database: never
}

/** The tokens of an app, kept in the core. */
export interface OAuthHandle {
  readonly oauth: never
}

/** A stream of what happens to orders, kept in the core. */
export interface WatchHandle {
  readonly watch: never
}

/** Who listens to what happens in the process, kept in the core. */
export interface MonitorHandle {
  readonly monitor: never
}

/** What the WASM core asks of its host. */
export interface WasmHost {
  fetch?: typeof fetch
}

/**
 * What a compiled core exports. A *settled* text is `{"ok": …}` or `{"error": …}`; handles are opaque and
 * passed to free functions, since a method costs more.
 */
export interface Binding {
  version(): string
  /** Evaluates a function without I/O; settled. */
  evaluate(op: string, args: string): string
  /** Throws an `Error` whose message is a settled error. */
  verifierNew(spec: string): VerifierHandle
  /**
   * `+` and the fields of the event with U+0000 between them, or a settled error. `headers` are lines of
   * `name:value`, or the value of the signature's header alone.
   */
  webhookOpen(verifier: VerifierHandle, body: Uint8Array, headers: string, nowMs: number): string
  /** Verifies as `webhookOpen` does, and reads the body in full; settled. */
  webhookRead(verifier: VerifierHandle, body: Uint8Array, headers: string, nowMs: number): string
  /** Reads a body without verifying it; settled. */
  webhookParse(body: Uint8Array): string
  /** Throws an `Error` whose message is a settled error. */
  clientNew(settings: string, by?: WasmHost | OAuthHandle, database?: DatabaseHandle): ClientHandle
  /** Settled; never rejects. */
  clientCall(client: ClientHandle, op: string, args: string, options: string, cancel?: CancelHandle): Promise<string>
  /**
   * Calls the listener with the JSON of what happens to calls, of these kinds, with commas between; in place of another
   * listener. Without kinds, it is let go of.
   */
  clientListen(client: ClientHandle, kinds: string, listener: (event: string) => void): void
  cancelNew(): CancelHandle
  cancelFire(cancel: CancelHandle): void
}

/** The Node core adds the engine, and apps whose tokens are kept in a database. */
export interface NodeBinding extends Binding {
  /** Rejects with an `Error` whose message is a settled error. */
  databaseOpen(settings: string): Promise<DatabaseHandle>
  databaseCall(database: DatabaseHandle, op: string, args: string): Promise<string>
  databaseClose(database: DatabaseHandle): Promise<string>
  /** Calls the listener with the JSON of what happens in the process, until the handle is ended or let go of. */
  monitorOpen(listener: (observation: string) => void): MonitorHandle
  monitorEnd(monitor: MonitorHandle): void
  /** Rejects with an `Error` whose message is a settled error. */
  oauthOpen(settings: string): Promise<OAuthHandle>
  /** Settled. */
  oauthAuthorizeUrl(oauth: OAuthHandle, session: string): string
  oauthCall(oauth: OAuthHandle, op: string, args: string, cancel?: CancelHandle): Promise<string>
  oauthClose(oauth: OAuthHandle): Promise<string>
  /** Calls an operation of an engine that opens no database, or `doctor`, which tells what is wrong with the settings. */
  syncAlone(
    settings: string,
    op: string,
    args: string,
    oauth?: OAuthHandle,
    cancel?: CancelHandle,
  ): Promise<string>
  /** Rejects with an `Error` whose message is a settled error. */
  syncOpen(settings: string, bell: () => void, oauth?: OAuthHandle): Promise<SyncHandle>
  syncCall(sync: SyncHandle, op: string, args: string, cancel?: CancelHandle): Promise<string>
  /** `location` is empty for the only one. */
  syncReceive(sync: SyncHandle, location: string, body: Uint8Array, headers: string): Promise<string>
  /** Begins the worker in the background; again does nothing. */
  syncStart(sync: SyncHandle): void
  /** Settles when the worker has ended. */
  syncStopped(sync: SyncHandle): Promise<string>
  /** Asks the worker to end after what is under way. */
  syncStop(sync: SyncHandle): void
  syncClose(sync: SyncHandle): Promise<string>
  /** Whether anyone takes events. */
  syncListen(sync: SyncHandle, on: boolean): void
  /** Takes what the bell rang for: JSON of a list of `{ lease, kind, event }`. */
  syncPoll(sync: SyncHandle): string
  syncDone(sync: SyncHandle, lease: string, result: string): void
  syncFailed(sync: SyncHandle, lease: string, error: string): void
  /** Rejects with an `Error` whose message is a settled error. `options` are JSON. */
  watchOpen(sync: SyncHandle, options: string): Promise<WatchHandle>
  /** Settles with the next frames, or with null at the end. */
  watchNext(watch: WatchHandle): Promise<string>
  /** Ends it; what waits for more is aborted. */
  watchEnd(watch: WatchHandle): void
}
