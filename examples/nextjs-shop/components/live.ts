import { useEffect, useRef, useState } from 'react'

import type { Booked } from '@/lib/installation'
import type { PusherApp } from '@/lib/pusher'

/** What can change while a customer looks at their order. */
export interface Standing {
  status: string
  /** In percent; beside the path it is as it was. */
  progress: number | null
  manufacturing: number | null
  installation: Booked | null
}

/** What is followed, and how. */
export interface Followed {
  orderId: string
  /** The customer's. */
  token: string
  /** Pusher Channels, where the shop has them; else server-sent events. */
  pusher: PusherApp | null
}

/** What the server tells. */
export interface Message {
  status?: string
  progress?: number | null
  manufacturingProgress?: number | null
  installation?: Booked
}

/** The order as it stands, from now on, and what changes it here at once. */
export function useStanding(followed: Followed, initial: Standing): [Standing, (next: Booked) => void] {
  const { orderId, token, pusher } = followed
  const [standing, setStanding] = useState(initial)
  const latest = useRef(initial)
  const change = (changes: Partial<Standing>) => {
    latest.current = { ...latest.current, ...changes }
    setStanding(latest.current)
  }
  useEffect(() => {
    const heard = (message: Message) => change(changesIn(message))
    return pusher === null ? byEvents(followed, heard) : byPusher(followed, pusher, heard)
    // The app of a page does not change.
  }, [orderId, token])
  return [standing, (installation) => change({ installation })]
}

/** A browser gives up after an answer that is no stream, as while the shop starts: it is asked again after so long. */
const AGAIN_MS = 3_000

/** The browser reconnects by itself, and is told how the order stands and what it has missed. */
export function byEvents({ orderId, token }: Followed, heard: (message: Message) => void): () => void {
  let source: EventSource
  let again: ReturnType<typeof setTimeout> | undefined
  const open = () => {
    source = new EventSource(`/api/orders/${orderId}/events?token=${encodeURIComponent(token)}`)
    source.onmessage = ({ data }) => heard(JSON.parse(data as string) as Message)
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS * (1 + Math.random()))
    }
  }
  open()
  return () => {
    clearTimeout(again)
    source.close()
  }
}

/** Its client is loaded where it is of use alone. */
function byPusher(followed: Followed, app: PusherApp, heard: (message: Message) => void): () => void {
  const leaving = import('./pusher').then(({ follow }) => follow(followed, app, heard))
  return () => void leaving.then((leave) => leave())
}

function changesIn({ status, progress, manufacturingProgress, installation }: Message): Partial<Standing> {
  return {
    ...(status !== undefined && { status }),
    // Beside the path it stays as it was.
    ...(typeof progress === 'number' && { progress }),
    ...(typeof manufacturingProgress === 'number' && { manufacturing: manufacturingProgress }),
    ...(installation !== undefined && { installation }),
  }
}
