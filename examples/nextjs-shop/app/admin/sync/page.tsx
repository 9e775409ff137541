import type { Metadata } from 'next'

import { Dead, HealthOf, Orders, Tiles, Webhooks } from '@/components/admin'
import { Doctor, Reconciliation } from '@/components/looks'
import { Plot } from '@/components/plot'
import { Refresh } from '@/components/refresh'
import { SignIn } from '@/components/sign-in'
import { history } from '@/lib/history'
import { overview } from '@/lib/overview'
import { signedIn } from '@/lib/session'

import { signOut } from './actions'
import './admin.css'

export const metadata: Metadata = { title: 'Sync', robots: { index: false } }

/** What the shop sees of the work between itself and GHL. */
export default async function SyncPage() {
  if (!(await signedIn())) return <SignIn />
  const seen = await overview()
  const samples = history()
  const at = samples.map((sample) => sample.at)
  const { status } = seen.health
  return (
    <div className="admin">
      <Refresh everyMs={3_000} />
      <header className="section-head">
        <h1>Sync</h1>
        <span className={`pill large ${status === 'healthy' ? 'ok' : 'failed'}`}>{status}</span>
        <form action={signOut}>
          <button className="quiet small">Sign out</button>
        </form>
      </header>
      <Tiles {...seen} />
      <div className="pair">
        <Plot
          title="Queue"
          unit="orders that wait"
          at={at}
          lines={[{ name: 'waiting', className: 'ember', values: samples.map(({ waiting }) => waiting) }]}
        />
        <Plot
          title="Calls to GHL"
          unit="every five seconds"
          at={at}
          lines={[
            { name: 'calls', className: 'moss', values: samples.map(({ calls }) => calls) },
            { name: 'failed', className: 'ember', values: samples.map(({ failed }) => failed) },
          ]}
        />
      </div>
      <Dead {...seen} />
      <Orders {...seen} />
      <div className="pair">
        <div className="column">
          <Webhooks {...seen} />
          <Reconciliation />
        </div>
        <div className="column">
          <HealthOf {...seen} />
          <Doctor />
        </div>
      </div>
    </div>
  )
}
