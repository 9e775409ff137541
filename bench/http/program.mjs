// The program in Rust, as a process of its own that answers line by line.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export async function start(program, ...args) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async () => {
    const { done, value } = await lines.next()
    if (done) throw new Error(`${program} ${args.join(' ')} ended`)
    return value
  }
  return {
    line,
    ask: (question) => (child.stdin.write(`${question}\n`), line()),
    end: () => child.kill(),
  }
}
