import assert from 'node:assert/strict'
import { test } from 'node:test'

import { refusedAtOnce } from './support/errors.mjs'
import { ghlkit } from './support/package.mjs'

const { StatusModel, milestonesCrossed, progressFor, stageForStatus, statusForStage } = ghlkit

const TABLE = [
  ['order_placed', 'stage_new_order', 10],
  ['processing', 'stage_processing', 25],
  ['manufacturing', 'stage_in_production', 50],
  ['quality_check', 'stage_quality_check', 65],
  ['shipped', 'stage_shipped', 75],
  ['delivered', 'stage_delivered', 85],
  ['installation', 'stage_installation', 95],
  ['completed', 'stage_completed', 100],
]

test('the built-in statuses have their stages and progress, both ways', () => {
  for (const [status, stage, progress] of TABLE) {
    assert.equal(statusForStage(stage), status)
    assert.equal(stageForStatus(status), stage)
    assert.equal(progressFor(status), progress)
  }
  const model = new StatusModel()
  assert.deepEqual(
    model.statuses.map(({ status }) => status),
    [...TABLE.map(([status]) => status), 'cancelled', 'refunded', 'returned'],
  )
})

test('a status beside the path has no stage, and its progress stays', () => {
  for (const status of ['cancelled', 'refunded', 'returned']) {
    assert.equal(stageForStatus(status), undefined)
    assert.equal(progressFor(status), 0)
    assert.equal(progressFor(status, { previous: 58 }), 58)
  }
})

test('a stage is found by what people call it, the first time and again', () => {
  for (let i = 0; i < 2; i++) {
    assert.equal(statusForStage('In Production'), 'manufacturing')
    assert.equal(statusForStage('in-production'), 'manufacturing')
    assert.equal(statusForStage('QUALITY CHECK'), 'quality_check')
    assert.equal(statusForStage('Warehouse'), undefined)
    assert.equal(statusForStage(''), undefined)
  }
})

test('however many names are asked for, the answers stay right', () => {
  for (let i = 0; i < 3_000; i++) assert.equal(statusForStage(`Stage ${i}`), undefined)
  assert.equal(statusForStage('stage_shipped'), 'shipped')
  assert.equal(statusForStage('Shipped'), 'shipped')
  assert.equal(statusForStage('Stage 1'), undefined)
  assert.equal(statusForStage(`shipped${' '.repeat(10_000)}`), 'shipped')
})

test('manufacturing progress moves the overall progress', () => {
  const at = (manufacturing) => progressFor('manufacturing', { manufacturing })
  assert.deepEqual([0, 25, 50, 75, 100].map(at), [50, 54, 58, 61, 65])
  assert.equal(progressFor('processing', { manufacturing: 80 }), 25)
})

test('milestones are passed once, on a jump too', () => {
  assert.deepEqual(milestonesCrossed(0, 60), [25, 50])
  assert.deepEqual(milestonesCrossed(50, 100), [75, 100])
  assert.deepEqual(milestonesCrossed(100, 0), [])
})

test('the ids of a pipeline are mapped', () => {
  const pipeline = [
    { id: 'a1', name: 'New Order', position: 0 },
    { id: 'b2', name: 'Käsittelyssä' },
    { id: 'c3', name: 'Shipped' },
  ]
  const model = new StatusModel({ pipeline, stages: { processing: 'b2' } })
  assert.deepEqual(
    ['a1', 'b2', 'c3', 'zz'].map((id) => model.statusForStage(id)),
    ['order_placed', 'processing', 'shipped', undefined],
  )
  assert.equal(model.stageForStatus('processing'), 'b2')
  assert.equal(model.stageForStatus('shipped'), 'c3')
  assert.equal(model.stageForStatus('delivered'), undefined)
  pipeline.pop()
  assert.equal(model.statusForStage('Shipped'), 'shipped', 'what was given is not read again')
})

test('a shop may have statuses of its own', () => {
  const model = new StatusModel({
    model: {
      path: [
        { status: 'new', stage: 'stage_new', progress: 0, label: 'Uusi' },
        { status: 'ready', stage: 'stage_ready', progress: 100, label: 'Valmis' },
      ],
      offPath: [{ status: 'void', label: 'Mitätöity' }],
    },
  })
  assert.equal(model.statusForStage('stage_ready'), 'ready')
  assert.equal(model.statusForStage('Uusi'), 'new')
  assert.equal(model.statusForStage('stage_shipped'), undefined)
  assert.equal(model.stageForStatus('new'), 'stage_new')
  assert.equal(model.progressFor('ready'), 100)
  assert.equal(model.progressFor('void', { previous: 40 }), 40)
  refusedAtOnce(() => model.progressFor('shipped'), 'invalid_argument', 'status')
})

test('what is wrong is named', () => {
  const bad = (value) => () => statusForStage(value)
  for (const value of [undefined, null, 5, 5n, {}, [], Symbol('s'), () => 's'])
    refusedAtOnce(bad(value), 'invalid_argument', 'stage')
  for (const value of ['paid', undefined, null, 1]) {
    refusedAtOnce(() => stageForStatus(value), 'invalid_argument', 'status')
    refusedAtOnce(() => progressFor(value), 'invalid_argument', 'status')
  }
  refusedAtOnce(() => progressFor('shipped', { manufacturing: 101 }), 'invalid_argument', 'manufacturing')
  refusedAtOnce(() => progressFor('shipped', { manufacturing: NaN }), 'invalid_argument', 'manufacturing')
  refusedAtOnce(() => progressFor('shipped', { previous: '5' }), 'invalid_argument', 'previous')
  refusedAtOnce(() => progressFor('shipped', { prev: 5 }), 'invalid_argument', 'prev')
  refusedAtOnce(() => progressFor('shipped', 5), 'invalid_argument', 'options')
  refusedAtOnce(() => milestonesCrossed(0), 'invalid_argument', 'now')
  refusedAtOnce(() => milestonesCrossed(0, 1n), 'invalid_argument', 'now')
  refusedAtOnce(() => new StatusModel({ model: { path: [] } }), 'invalid_argument', 'model.path')
  refusedAtOnce(() => new StatusModel({ path: [] }), 'invalid_argument', 'path')
  refusedAtOnce(() => new StatusModel({ pipeline: [{ name: 'x' }] }), 'invalid_argument', 'pipeline[0].id')
  refusedAtOnce(() => new StatusModel({ stages: { paid: 'x' } }), 'invalid_argument')
  refusedAtOnce(
    () => new StatusModel({ stages: { shipped: 'x' }, pipeline: [{ id: 'a', name: 'A' }] }),
    'invalid_argument',
    'stages.shipped',
  )
  refusedAtOnce(() => new StatusModel(null), 'invalid_argument', 'options')
})
