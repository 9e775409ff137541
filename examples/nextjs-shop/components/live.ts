import { useEffect, useRef, useState } from 'react'

import type { Booked } from '@/lib/installation'

/** What can change while a customer looks at their order. */
export interface Standing {
  status: string
  /** In percent; beside the path it is as it was. */
  progress: number | null
  manufacturing: number | null
  installation: Booked | null
}

/** What the server sends. */
interface Message {
  status?: string
  progress?: number | null
  manufacturingProgress?: number | null
  installation?: Booked
}

/** The order as it stands, from now on: the browser reconnects by itself and is told what it has missed. */
export function useStanding(orderId: string, token: string, initial: Standing): [Standing, (next: Booked) => void] {
  const [standing, setStanding] = useState(initial)
  const latest = useRef(initial)
  const change = (changes: Partial<Standing>) => {
    latest.current = { ...latest.current, ...changes }
    setStanding(latest.current)
  }
  useEffect(() => {
    const source = new EventSource(`/api/orders/${orderId}/events?token=${encodeURIComponent(token)}`)
    source.onmessage = ({ data }) => change(changesIn(JSON.parse(data as string) as Message))
    return () => source.close()
  }, [orderId, token])
  return [standing, (installation) => change({ installation })]
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
