export * from './common.js'
export * from './init.js'
export { listen, type ListenOptions, type Listener, type SocketEvent, type WebSocketLike } from './listen.js'
