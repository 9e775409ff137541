export * from './common.js'
export * from './init.js'
