import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { ghlkit, nodeOnly } from './support/package.mjs'
import { order, startShop } from './support/shop.mjs'
import { until } from './support/until.mjs'

const DAY = 86_400_000

/** A Monday more than a week ahead, at that hour. */
const monday = (hour) => {
  const day = Math.floor(Date.now() / DAY) + 8
  return new Date((day + ((((4 - day) % 7) + 7) % 7)) * DAY + hour * 3_600_000)
}

describe('installations', nodeOnly, () => {
  let shop
  let calendarId
  before(async () => {
    shop = await startShop()
    calendarId = (await shop.mock.state()).locations[0].calendars[0]
  })

  const open = (changes = {}) => shop.open({ calendarId, ...changes })
  const standing = async () => {
    const { appointments } = await shop.mock.state()
    return appointments.filter((one) => one.appointmentStatus !== 'cancelled')
  }

  test('are offered, booked, moved and cancelled, and what happens is heard', async () => {
    const sync = await open()
    const heard = []
    sync.onAny(({ type, payload }) => {
      if (type.startsWith('installation_')) heard.push([type, payload.installation.startsAt, payload.installation.state])
    })
    await sync.createOrder(order('inst'))
    await refused(() => sync.installation('inst'), 'not_found', 'orderId')
    const day = monday(0).toISOString().slice(0, 10)
    const free = await sync.availableInstallations({ from: day, to: day, timeZone: 'Europe/Prague' })
    assert.equal(free.length, 3)
    assert.equal(Date.parse(free[0].startsAt), monday(8).getTime())
    assert.match(free[0].startsAt, /T0(9|10):00:00\+0[12]:00$/)
    assert.equal(free[0].installerIds.length, 2)

    const received = await shop.mock.during(async () => {
      const booked = await sync.scheduleInstallation('inst', { at: monday(8), instructions: 'Ring twice' })
      assert.equal(booked.state, 'scheduled')
      assert.equal(booked.installerId, free[0].installerIds[0])
      assert.deepEqual(await sync.installation('inst'), booked)
    })
    const calendar = received.filter(({ path }) => path.startsWith('/calendars/'))
    assert.ok(calendar.length <= 3, JSON.stringify(calendar.map(({ method, path }) => `${method} ${path}`)))
    const [made] = await standing()
    assert.match(made.description, /^order_id: inst\norder_number: N-inst\nsauna_model: Barrel sauna\nspecial_instructions: Ring twice$/)

    const moved = await sync.rescheduleInstallation('inst', { at: free[2].startsAt })
    assert.equal(Date.parse(moved.startsAt), monday(12).getTime())
    assert.equal((await sync.cancelInstallation('inst')).state, 'cancelled')
    assert.equal((await standing()).length, 0)
    await until(() => heard.length === 3, 'three events')
    assert.deepEqual(
      heard.map(([type, startsAt, state]) => [type, Date.parse(startsAt), state]),
      [
        ['installation_scheduled', monday(8).getTime(), 'scheduled'],
        ['installation_rescheduled', monday(12).getTime(), 'scheduled'],
        ['installation_cancelled', monday(12).getTime(), 'cancelled'],
      ],
    )
    await sync.close()
  })

  test('a time that is taken is refused with others that are free', async () => {
    const sync = await open()
    const { installerIds, startsAt } = (
      await sync.availableInstallations({ from: monday(32), to: monday(33) })
    )[0]
    for (const id of ['t1', 't2', 't3']) await sync.createOrder(order(id))
    const parallel = ['t1', 't2', 't3'].map((id) =>
      sync.scheduleInstallation(id, { at: startsAt, installerId: installerIds[0] }),
    )
    const settled = await Promise.allSettled(parallel)
    const errors = settled.filter(({ status }) => status === 'rejected').map(({ reason }) => reason)
    assert.equal(errors.length, 2)
    for (const error of errors) {
      assert.ok(error instanceof ghlkit.SlotTakenError && error instanceof ghlkit.GhlError)
      assert.deepEqual([error.code, error.field, error.retryable], ['slot_taken', 'at', false])
      assert.ok(error.alternatives.length > 0)
      assert.deepEqual(Object.keys(error.alternatives[0]), ['startsAt', 'endsAt', 'installerIds'])
      assert.deepEqual(error.toJSON().alternatives, error.alternatives)
    }
    assert.equal((await standing()).length, 1)
    await sync.close()
  })

  test('what is wrong is named, and nothing is booked', async () => {
    const sync = await open()
    await sync.createOrder(order('bad'))
    const at = monday(56)
    const book = (options) => () => sync.scheduleInstallation('bad', options)
    const before = (await standing()).length
    for (const [options, code, field] of [
      [undefined, 'invalid_argument', 'options'],
      [{}, 'invalid_argument', 'at'],
      [{ at: 7 }, 'invalid_argument', 'at'],
      [{ at: new Date(NaN) }, 'invalid_argument', 'at'],
      [{ at: new Date(0) }, 'invalid_argument', 'at'],
      [{ at: '2026-03-29T02:30', timeZone: 'Europe/Prague' }, 'invalid_argument', 'at'],
      [{ at, timeZone: 'Mars/Base' }, 'invalid_argument', 'timeZone'],
      [{ at, installerId: 'nobody' }, 'invalid_argument', 'installerId'],
      [{ at, durationMinutes: 0 }, 'invalid_argument', 'durationMinutes'],
      [{ at, duration: 5 }, 'invalid_argument', 'duration'],
      [{ at, instructions: 'a\0b' }, 'invalid_argument', 'instructions'],
    ]) {
      await refused(book(options), code, field)
    }
    await refused(() => sync.scheduleInstallation('nosuch', { at }), 'order_not_found')
    await refused(() => sync.availableInstallations({ from: 'x', to: 'y' }), 'invalid_argument', 'from')
    await refused(() => sync.cancelInstallation('bad'), 'invalid_argument', 'orderId')
    await refused(book({ at, signal: AbortSignal.abort() }), 'aborted')
    assert.equal((await standing()).length, before)
    await sync.close()

    const bare = await shop.open()
    await bare.createOrder(order('bare'))
    await refused(() => bare.scheduleInstallation('bare', { at }), 'config', 'calendarId')
    await bare.close()
    await refused(() => open({ installation: { durationMinutes: 0 } }), 'config', 'installation.durationMinutes')
    await refused(() => open({ installation: { hours: [] } }), 'invalid_argument', 'installation.hours')
  })

  test('options of the shop and what a human does count', async () => {
    const businessHours = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' }]
    const installation = { durationMinutes: 240, businessHours, timeZone: 'Etc/UTC', title: 'Sauna {orderNumber}' }
    const sync = await open({ installation })
    await sync.createOrder(order('human'))
    const day = monday(96).toISOString().slice(0, 10)
    const booked = await sync.scheduleInstallation('human', { at: day })
    assert.deepEqual([booked.title, Date.parse(booked.startsAt)], ['Sauna N-human', monday(106).getTime()])
    assert.equal(Date.parse(booked.endsAt) - Date.parse(booked.startsAt), 4 * 3_600_000)
    await shop.mock.human('appointment-status', { appointmentId: booked.appointmentId, status: 'cancelled' })
    await until(async () => (await sync.installation('human')).state === 'cancelled', 'the cancellation comes back')
    await sync.close()
  })
})
