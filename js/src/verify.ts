export * from './init.js'
export * from './verifying.js'
