import * as glue from '#glue'

import { callable, json, parts } from './args.js'
import type { SocketHandle } from './binding.js'
import type { GhlError } from './errors.js'
import type { ErrorJson, RealtimeOptions } from './generated/types.js'
import { errorOf, invalid } from './raise.js'
import { thrown } from './settle.js'
import { said, warn } from './warn.js'

/** What a host's WebSocket does here. */
export interface WebSocketLike {
  onopen: unknown
  onmessage: unknown
  onclose: unknown
  onerror: unknown
  send(text: string): void
  close(): void
}

/** Where to listen. Without variables of the environment: `url` is needed, and `tokenIn` is `auth`. */
export interface ListenOptions extends Omit<RealtimeOptions, 'tokenIn'> {
  url: string
  /** What makes connections, where the host has no `WebSocket` (as Node 20), e.g. that of `ws`. Default: the host's. */
  WebSocket?: new (url: string) => WebSocketLike
}

/** An event. */
export interface SocketEvent {
  name: string
  /** What was emitted with it. */
  args: unknown[]
}

/** Who listens. What throws is warned of. */
export interface Listener {
  /** An event, one after another; a sender that waits for an acknowledgement has it once this resolves. */
  event(event: SocketEvent): unknown
  /** Events may have been missed: at the first connection, and after each that did not go on where the last one ended. */
  gap?(): unknown
  /** There is no connection, and why; the next one follows by itself. An event that was left out is told here too. */
  error?(error: GhlError, retryInMs?: number): unknown
}

type Order =
  | { do: 'connect'; url: string }
  | { do: 'send'; frame: string }
  | { do: 'close' }
  | { do: 'joined'; recovered: boolean }
  | { do: 'event'; name: string; args: unknown[]; reply?: object }
  | { do: 'skipped'; error: ErrorJson }
  | { do: 'left'; error: ErrorJson; retryInMs: number }

/** The largest frame that is read, in characters; and how much waits for the listener. */
const MAX_FRAME = 1024 * 1024
const MAX_WAITING = 256
/** The longest delay of a timer. */
const LONG_MS = 2 ** 31 - 1

/**
 * Listens to a Socket.IO server of your own, and stays connected; returns what ends it. HighLevel publishes no such endpoint:
 * webhooks are the supported way in, and after a gap a look at what GHL has.
 *
 * @throws `ConfigError` and `InvalidArgumentError` naming the option.
 */
export function listen(options: ListenOptions, listener: Listener): () => void {
  const { WebSocket = globalThis.WebSocket, ...rest } = parts(options, 'options')
  if (typeof WebSocket !== 'function') throw invalid('WebSocket', 'expected a constructor, as this host has none of its own')
  callable(parts(listener, 'listener').event, 'listener.event')
  let session
  try {
    session = glue.socketNew(json(rest, 'options'))
  } catch (error) {
    throw thrown(error, 'options')
  }
  const line = new Line(session, WebSocket as new (url: string) => WebSocketLike, listener)
  line.tell('tick')
  return () => line.end()
}

class Line {
  #socket: WebSocketLike | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #ended = false
  #waiting = 0
  #missed = false
  #heard: Promise<unknown> = Promise.resolve()

  constructor(
    readonly session: SocketHandle,
    readonly WebSocket: new (url: string) => WebSocketLike,
    readonly listener: Listener,
  ) {}

  tell(what: string, text = ''): void {
    if (this.#ended) return
    const told = glue.socketTell(this.session, what, text, Date.now(), Math.random())
    const { actions, deadline } = JSON.parse(told) as { actions: Order[]; deadline: number }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.tell('tick'), Math.min(Math.max(deadline - Date.now(), 0), LONG_MS))
    for (const order of actions) this.#obey(order)
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#close()
  }

  #obey(order: Order): void {
    switch (order.do) {
      case 'connect':
        return this.#connect(order.url)
      case 'send':
        return this.#socket?.send(order.frame)
      case 'close':
        return this.#close()
      case 'joined':
        return order.recovered ? undefined : this.#gap()
      case 'event':
        return this.#event(order.name, order.args, order.reply)
      case 'skipped':
        return this.#error(errorOf(order.error))
      case 'left':
        return this.#error(errorOf(order.error), order.retryInMs)
    }
  }

  #event(name: string, args: unknown[], reply: object | undefined): void {
    // A listener that cannot follow counts as a gap, not as memory.
    if (this.#waiting >= MAX_WAITING) return queueMicrotask(() => this.tell('oversized'))
    this.#call(async () => {
      await this.listener.event({ name, args })
      if (reply !== undefined) this.tell('handled', JSON.stringify(reply))
    })
  }

  /** One that waits to be told stands for those after it. */
  #gap(): void {
    if (this.#missed) return
    this.#missed = true
    this.#call(() => {
      this.#missed = false
      return this.listener.gap?.()
    })
  }

  /** A listener that cannot follow has heard of enough. */
  #error(error: GhlError, retryInMs?: number): void {
    if (this.#waiting < MAX_WAITING) this.#call(() => this.listener.error?.(error, retryInMs))
  }

  /** After what was told before. */
  #call(tell: () => unknown): void {
    this.#waiting++
    this.#heard = this.#heard.then(async () => {
      try {
        if (!this.#ended) await tell()
      } catch (error) {
        warn(`a listener failed: ${said(error)}`)
      } finally {
        this.#waiting--
      }
    })
  }

  #connect(url: string): void {
    this.#close()
    let socket: WebSocketLike
    try {
      socket = new this.WebSocket(url)
    } catch {
      return queueMicrotask(() => this.tell('closed'))
    }
    this.#socket = socket
    // What comes of a connection that was given up is of no concern.
    const current = (what: string, text?: string) => {
      if (this.#socket === socket) this.tell(what, text)
    }
    socket.onopen = () => current('opened')
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (typeof data !== 'string') current('binary')
      else if (data.length > MAX_FRAME) current('oversized')
      else current('text', data)
    }
    socket.onclose = () => current('closed')
    // A close follows.
    socket.onerror = () => {}
  }

  #close(): void {
    const socket = this.#socket
    this.#socket = undefined
    try {
      socket?.close()
    } catch {
      // It was never open.
    }
  }
}
