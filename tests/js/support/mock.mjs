// The stand-in for GHL, as a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** What the stand-in is set up with; see `tests/mock-ghl/src/settings.rs`. */
export const TOKEN = 'pit-00000000-0000-4000-8000-000000000001'
export const LOCATION = 'SaunaLocation0000001'
export const SECRET = 'mock-workflow-secret'

/** Starts one, which ends with this process. */
export async function startMock(...flags) {
  const program = process.env.MOCK_GHL
  if (program === undefined) throw new Error('MOCK_GHL: expected the path of the mock-ghl binary')
  const child = spawn(program, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  const [line] = await once(createInterface(child.stdout), 'line')
  child.unref()
  child.stdout.destroy()
  return new Mock(line.replace('mock-ghl listens on ', ''))
}

class Mock {
  constructor(baseUrl) {
    this.baseUrl = baseUrl
  }

  /** The client's settings for it. */
  get options() {
    return { token: TOKEN, locationId: LOCATION, baseUrl: this.baseUrl }
  }

  /** Everything it holds. */
  state() {
    return this.#get('state')
  }

  /** Every request it received, oldest first. */
  received() {
    return this.#get('received')
  }

  /** The requests it receives while `act` goes on. */
  async during(act) {
    const before = (await this.received()).length
    await act()
    return (await this.received()).slice(before)
  }

  /** Makes the n-th matching requests from now on go wrong: `{ nth, method, path, fault }`. */
  faults(...rules) {
    return this.#post('faults', { rules })
  }

  /** Makes requests from now on go wrong as a plan says; see `tests/mock-ghl/src/faults.rs`. */
  plan(plan) {
    return this.#post('faults', plan)
  }

  /** How many connections are open, and how many requests wait for a reply. */
  connections() {
    return this.#get('connections')
  }

  /** Does what a person does in GHL: `stage`, `contact-field`, … */
  human(name, body) {
    return this.#post(name, body)
  }

  async #get(name) {
    return answered(await fetch(`${this.baseUrl}/__mock/${name}`))
  }

  async #post(name, body) {
    return answered(await fetch(`${this.baseUrl}/__mock/${name}`, { method: 'POST', body: JSON.stringify(body) }))
  }
}

async function answered(response) {
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`)
  return JSON.parse(text)
}
