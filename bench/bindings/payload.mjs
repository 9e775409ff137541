// Webhooks as the shop's workflow sends them, of a given size, with text beyond ASCII in them.

const NOTE = 'Säunan toimitus Ääneistössä – kiuas & kiviä, hyvää löylyä! '

/** The raw bytes of a webhook of exactly `size` bytes, sent just now, with `more` members. */
export function payload(size, more = {}) {
  const body = {
    contactId: 'ocQHyuzHvysMo5N5VsXc',
    pipelineStage: 'stage_in_production',
    customFields: [{ id: 'order_status', value: 'manufacturing' }],
    timestamp: new Date().toISOString(),
    ...more,
    note: '',
  }
  const space = () => size - Buffer.byteLength(JSON.stringify(body))
  if (space() < 0) delete body.note
  else body.note = Buffer.from(NOTE.repeat(space() / 40 + 1)).subarray(0, space()).toString('utf8').replace(/\uFFFD+$/, '')
  if (body.note !== undefined) body.note += '.'.repeat(Math.max(0, space()))
  return Buffer.from(JSON.stringify(body))
}
